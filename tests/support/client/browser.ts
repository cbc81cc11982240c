/** A real browser, Debian's Chromium without a screen, led by its DevTools protocol. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { findProgram } from "../machine/program.ts";
import { until, within } from "../wait.ts";

/** Its program; undefined where it is not installed. */
export const CHROMIUM: string | undefined = findProgram("chromium");

const START_MS = 40_000;
const ANSWER_MS = 20_000;

/** What a method of the protocol answers, or an event has. */
// deno-lint-ignore no-explicit-any
type Fields = any;

export class Page {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (message: Fields) => void>();
  #last = 0;
  /** What the page complained of: errors, warnings, what its policy forbade, what could not be loaded. */
  readonly complaints: string[] = [];
  /** Heads of responses, by the end of their paths. */
  readonly responses: { readonly url: string; readonly headers: Fields }[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data));
      if (message.id === undefined) this.#hear(message);
      else this.#answers.get(message.id)?.(message);
    });
  }

  #hear({ method, params }: Fields): void {
    if (method === "Runtime.exceptionThrown") {
      this.complaints.push(params.exceptionDetails.exception?.description);
    } else if (method === "Runtime.consoleAPICalled") {
      this.complaints.push(JSON.stringify(params.args));
    } else if (method === "Log.entryAdded") {
      this.complaints.push(`${params.entry.text} ${params.entry.url ?? ""}`);
    } else if (method === "Network.responseReceived") {
      const { url, headers } = params.response;
      this.responses.push({ url, headers });
    }
  }

  /** Calls a method. @throws what the browser says */
  async call(method: string, params: Fields = {}): Promise<Fields> {
    const id = ++this.#last;
    const answer = new Promise<Fields>((resolve) =>
      this.#answers.set(id, resolve)
    );
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await within(method, answer, ANSWER_MS);
    this.#answers.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async open(url: string): Promise<void> {
    for (const name of ["Page", "Runtime", "Log", "Network"]) {
      await this.call(`${name}.enable`);
    }
    await this.call("Page.navigate", { url });
  }

  /** The value of an expression in the page. @throws what it threw */
  async value<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.call("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description);
    }
    return result.value;
  }

  /** Waits until an expression is true. */
  until(what: string, expression: string): Promise<true> {
    return until(
      what,
      async () => await this.value<boolean>(expression) || undefined,
      ANSWER_MS,
    ) as Promise<true>;
  }

  /** Presses a key; `text` is what it types. */
  async press(key: string, text = key.length === 1 ? key : ""): Promise<void> {
    const code = { Tab: 9, Enter: 13, Escape: 27 }[key] ??
      (/^[a-z0-9]$/.test(key) ? key.toUpperCase().charCodeAt(0) : 0);
    const same = { key, windowsVirtualKeyCode: code };
    await this.call("Input.dispatchKeyEvent", {
      type: "keyDown",
      ...same,
      ...text !== "" && { text },
    });
    await this.call("Input.dispatchKeyEvent", { type: "keyUp", ...same });
  }

  size(width: number, height: number): Promise<void> {
    return this.call("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
  }

  scheme(value: "light" | "dark"): Promise<void> {
    return this.call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value }],
    });
  }

  /** A picture of it, as WebP. */
  async picture(): Promise<Uint8Array> {
    const { data } = await this.call("Page.captureScreenshot", {
      format: "webp",
      quality: 90,
    });
    return Buffer.from(data, "base64");
  }
}

/** A browser with one page. */
export interface Browser {
  readonly page: Page;
  close(): Promise<void>;
}

/** Starts it; its processes carry `TEST_MARK=mark`. @throws where it does not run, or cannot draw a text */
export async function startBrowser(mark: string): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error("Chromium is not installed");
  const folder = mkdtempSync(join(tmpdir(), "corn-browser-"));
  const child = spawn(CHROMIUM, [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--no-first-run",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    "--remote-debugging-port=0",
    `--user-data-dir=${folder}`,
    "about:blank",
  ], {
    env: { ...process.env, TEST_MARK: mark, HOME: folder },
    stdio: ["ignore", "ignore", "pipe"],
    // A group of its own, to end it with all its processes.
    detached: true,
  });
  let said = "";
  child.stderr.on("data", (bytes) => said += String(bytes));
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => resolve())
  );
  const close = async () => {
    try {
      process.kill(-(child.pid as number), "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await within("the browser's end", ended, START_MS);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const [, port] = await until(
      "the browser's port",
      () => /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said) ?? undefined,
      START_MS,
    );
    const targets = await until("a page", async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
      const list: Fields[] = await answer.json();
      const pages = list.filter(({ type }) => type === "page");
      return pages.length > 0 ? pages : undefined;
    }, START_MS);
    const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
    await within(
      "the DevTools connection",
      new Promise<void>((resolve, reject) => {
        socket.addEventListener("open", () => resolve());
        socket.addEventListener("error", () => reject(new Error("refused")));
      }),
      START_MS,
    );
    const page = new Page(socket);
    // Where there is no font at all it hangs at the first field.
    await page.value('document.body.innerHTML = "<input><select>"');
    await page.picture();
    return {
      page,
      async close() {
        socket.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
