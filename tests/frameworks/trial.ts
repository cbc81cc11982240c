/** One framework on one runtime: what its app does under corn. */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import type { RuntimeName } from "../../src/runtime/runtime.ts";
import { RawClient } from "../support/client/client.ts";
import { SocketClient } from "../support/client/web-socket.ts";
import { auditGone, killMarked } from "../support/process/audit.ts";
import { startServer } from "../support/process/server.ts";
import type { Command, Server } from "../support/process/server.ts";
import { until, within } from "../support/wait.ts";
import type { Echo, FrameworkCase, Page, Question, Upload } from "./cases.ts";

/** `ok`, `lacks` where it is known not to work, or what went wrong; nothing where there is nothing to ask. */
export type Verdicts = Partial<Record<Question, string>>;

export function isFine(verdict: string): boolean {
  return verdict === "ok" || verdict === "lacks";
}

/** What came of one. */
export interface Trial {
  readonly verdicts: Verdicts;
  /** Requests of the load beside the reload. */
  readonly requests: number;
  /** What corn and the app wrote, where something went wrong. */
  readonly log: string | undefined;
}

const MEGABYTE = 1 << 20;
/** Clients of the load, each with one connection. */
const CLIENTS = 4;
const LONG_MS = 90_000;

export interface TrialOptions {
  readonly runtime: RuntimeName;
  /** Where the framework is installed and its app is. */
  readonly folder: string;
  readonly file: string;
}

/** Starts it with two workers, asks all that it has, and ends it. */
export async function tryFramework(
  one: FrameworkCase,
  { runtime, folder, file }: TrialOptions,
): Promise<Trial> {
  const mark = randomUUID();
  const started: Command[] = [];
  const verdicts: Verdicts = {};
  let requests = 0;
  const ask = async (question: Question, run: () => Promise<void>) => {
    const known = one.lacks?.[runtime]?.[question] !== undefined;
    try {
      await run();
      verdicts[question] = known ? "works, but is said not to" : "ok";
    } catch (error) {
      verdicts[question] = known ? "lacks" : (error as Error).message;
    }
  };
  try {
    let server: Server | undefined;
    await ask("answers", async () => {
      server = await startServer(
        {
          app: file,
          // A machine that has much to do blocks loops for a while.
          args: ["-w", "2", "--slow-loop", "0"],
          env: one.env ?? {},
          cwd: folder,
          runtime,
          deadlineMs: LONG_MS,
        },
        mark,
        started,
      );
      await readPage(server.url, one.hello);
    });
    if (server !== undefined) {
      const { file: asset, stream, upload, echo } = one;
      const { url } = server;
      if (asset !== undefined) await ask("files", () => readPage(url, asset));
      if (stream !== undefined) {
        await ask("streams", () => readStream(url, stream));
      }
      if (upload !== undefined) {
        await ask("uploads", () => sendFile(url, upload));
      }
      if (echo !== undefined) {
        await ask("websocket", () => hearEcho(url, echo, folder));
      }
      const living = server;
      await ask("reload", async () => {
        requests = await reloadUnderLoad(living, one.hello);
      });
      await ask("stop", () => stopInRequest(living, one.slow, mark));
    }
  } finally {
    killMarked(mark);
  }
  const log = Object.values(verdicts).every(isFine)
    ? undefined
    : started.map((command) => `${command.output()}\n${command.log()}`).join();
  return { verdicts, requests, log };
}

async function readPage(url: string, page: Page): Promise<void> {
  const response = await fetch(`${url}${page.path}`, {
    headers: { ...page.headers },
    signal: AbortSignal.timeout(LONG_MS),
  });
  check(response.status, await response.text(), page);
}

/** @throws where the answer is another */
function check(status: number, text: string, { path, holds }: Page): void {
  if (status !== 200 || !text.includes(holds)) {
    throw new Error(`${path}: ${status} ${text.slice(0, 200)}`);
  }
}

/** Its first part comes before its last is there. */
async function readStream(url: string, page: Page): Promise<void> {
  const response = await fetch(`${url}${page.path}`, {
    headers: { ...page.headers },
    signal: AbortSignal.timeout(LONG_MS),
  });
  let text = "";
  let pieces = 0;
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    pieces++;
  }
  check(response.status, text, page);
  if (pieces < 3) throw new Error(`${page.path}: came in ${pieces} pieces`);
}

async function sendFile(url: string, upload: Upload): Promise<void> {
  const bytes = new Uint8Array(MEGABYTE).fill(97);
  let body: FormData | Uint8Array<ArrayBuffer> = bytes;
  if (upload.name !== undefined) {
    body = new FormData();
    for (const [name, value] of Object.entries(upload.fields ?? {})) {
      body.set(name, value);
    }
    body.set(upload.name, new File([bytes], "a.bin"));
  }
  const response = await fetch(`${url}${upload.path}`, {
    method: "POST",
    body,
    signal: AbortSignal.timeout(LONG_MS),
  });
  // Nest answers 201.
  const status = response.status === 201 ? 200 : response.status;
  check(status, await response.text(), {
    path: upload.path,
    holds: String(MEGABYTE),
  });
}

async function hearEcho(
  url: string,
  echo: Echo,
  folder: string,
): Promise<void> {
  if (echo === "socket.io") return await hearSocketIo(url, folder);
  const client = await SocketClient.open(`${url}${echo.path}`);
  try {
    const heard = String(await client.ask(echo.says));
    if (heard !== echo.hears) throw new Error(`${echo.path}: heard ${heard}`);
  } finally {
    client.socket.close();
    await client.ending();
  }
}

/** The part of its client that is used. */
interface IoClient {
  emit(name: string, value: string): void;
  once(name: string, listener: (value: unknown) => void): void;
  close(): void;
}

async function hearSocketIo(url: string, folder: string): Promise<void> {
  const require = createRequire(join(folder, "package.json"));
  const { io } = require("socket.io-client") as {
    io(url: string, options: unknown): IoClient;
  };
  const client = io(url, { transports: ["websocket"], reconnection: false });
  try {
    const heard = new Promise((resolve, reject) => {
      client.once("chat message", resolve);
      client.once("connect_error", reject);
    });
    client.emit("chat message", "hi");
    const text = await within("an echo of Socket.IO", heard);
    if (text !== "hi") throw new Error(`Socket.IO: heard ${text}`);
  } finally {
    client.close();
  }
}

/** Clients that never retry, beside a HUP; gives how many requests they made. */
async function reloadUnderLoad(server: Server, page: Page): Promise<number> {
  let requests = 0;
  let over = false;
  const failures: string[] = [];
  const live = async () => {
    let client: RawClient | undefined;
    while (!over) {
      try {
        if (client === undefined || !client.open) {
          client = await RawClient.connect(server.url);
        }
        const { headers } = page;
        const answer = await client.request(page.path, {
          ...(headers && { headers }),
          ms: LONG_MS,
        });
        check(answer.status, answer.text, page);
        if (answer.closes) {
          client.close();
          client = undefined;
        }
      } catch (error) {
        failures.push((error as Error).message);
        client?.close();
        client = undefined;
      }
      requests++;
    }
    client?.close();
  };
  const clients = Array.from({ length: CLIENTS }, live);
  try {
    await until("requests", () => requests > 50, LONG_MS);
    const old = server.workers();
    server.signal("SIGHUP");
    await server.waitForLog(/Reload done/, { ms: LONG_MS });
    await until(
      "the old workers' end",
      () => !server.workers().some((pid) => old.includes(pid)),
      LONG_MS,
    );
    const enough = requests + 50;
    await until("more requests", () => requests > enough, LONG_MS);
  } finally {
    over = true;
    await Promise.all(clients);
  }
  if (failures.length > 0) {
    throw new Error(`${failures.length} of ${requests} failed: ${failures[0]}`);
  }
  return requests;
}

/** TERM while a request is open. */
async function stopInRequest(
  server: Server,
  page: Page,
  mark: string,
): Promise<void> {
  const client = await RawClient.connect(server.url);
  const { headers } = page;
  client.send(page.path, { ...(headers && { headers }) });
  await until(
    "the request to begin",
    () => /slow begins/.test(server.output()),
  );
  process.kill(server.pid, "SIGTERM");
  const answer = await client.answer({ ms: LONG_MS });
  client.close();
  check(answer.status, answer.text, page);
  const { code } = await within("the end after TERM", server.ended, LONG_MS);
  if (code !== 0) throw new Error(`exit code ${code}`);
  await auditGone(mark, server.ports);
  const [trouble] = /\[(?:ERROR|WARNING|CRITICAL)\].*/.exec(server.log()) ?? [];
  if (trouble !== undefined) throw new Error(`The log says ${trouble}`);
}
