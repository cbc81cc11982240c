/** Asks a blocked worker where it stands, through its debugger's port. */
import { LOOK_EXPRESSION, readLook } from "../../protocol/look.ts";
import type { Look } from "../../protocol/look.ts";
import type { Runtime, Talk } from "../../runtime/runtime.ts";

/** The whole look may take so long. */
const LIMIT_MS = 2500;
/** Between the two times that it is asked. */
const APART_MS = 60;

type Asked = Pick<Runtime, "clock" | "converse">;

/** What comes from the other side. */
interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/**
 * Stops the worker twice and asks. Undefined where it does not answer in time,
 * or has gone on meanwhile: what it stands at then has not blocked it.
 */
export async function lookByDebugger(
  url: string,
  runtime: Asked,
): Promise<Look | undefined> {
  const { clock } = runtime;
  const inspection = new Inspection(url, runtime);
  const limit = clock.after(LIMIT_MS, () => inspection.close());
  try {
    await inspection.opened;
    await inspection.call("Debugger.enable");
    const first = await inspection.ask();
    await new Promise<void>((resolve) => clock.after(APART_MS, resolve));
    const second = await inspection.ask();
    await inspection.call("Debugger.disable");
    const same = first?.begun === second?.begun &&
      first?.by?.path === second?.by?.path;
    return same ? second : undefined;
  } catch {
    return undefined; // It is closed: the time is over, or the worker gone.
  } finally {
    limit.close();
    inspection.close();
  }
}

/** A talk in the protocol of Chrome's DevTools. */
class Inspection {
  readonly opened: Promise<void>;
  readonly #talk: Talk;
  readonly #calls = new Map<number, (answer: Answer) => void>();
  #paused: (() => void) | undefined;
  #fail: (error: Error) => void = () => {};
  /** Rejects when it is closed. */
  readonly #closed: Promise<never>;

  constructor(url: string, { converse }: Asked) {
    this.#closed = new Promise((_, reject) => this.#fail = reject);
    const open = Promise.withResolvers<void>();
    this.opened = Promise.race([open.promise, this.#closed]);
    this.#talk = converse(url, {
      onOpen: () => open.resolve(),
      onText: (text) => this.#take(text),
      onClose: () => this.#fail(new Error("The debugger's port is closed")),
    });
  }

  call(method: string, params: object = {}): Promise<Answer> {
    const id = this.#calls.size;
    const answer = new Promise<Answer>((resolve) =>
      this.#calls.set(id, resolve)
    );
    this.#talk.send(JSON.stringify({ id, method, params }));
    return Promise.race([answer, this.#closed]);
  }

  /** Stops it where it stands, asks, and lets it go on. */
  async ask(): Promise<Look | undefined> {
    const paused = new Promise<void>((resolve) => this.#paused = resolve);
    await this.call("Debugger.pause");
    await Promise.race([paused, this.#closed]);
    const { result } = await this.call("Runtime.evaluate", {
      expression: LOOK_EXPRESSION,
      returnByValue: true,
      silent: true,
    });
    await this.call("Debugger.resume");
    return readLook(result?.result?.value);
  }

  close(): void {
    this.#talk.close();
    this.#fail(new Error("The look is over"));
  }

  #take(text: string): void {
    // Of each script it tells; there may be thousands.
    if (text.startsWith('{"method":"Debugger.scriptParsed"')) return;
    const answer = readAnswer(text);
    if (answer === undefined) this.close();
    else if (answer.method === "Debugger.paused") this.#paused?.();
    else if (answer.id !== undefined) this.#calls.get(answer.id)?.(answer);
  }
}

/** Undefined for what no debugger says. */
function readAnswer(text: string): Answer | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
