/** Asks a running corn at its control socket. */
import type { Outlet, Runtime } from "../../runtime/runtime.ts";
import { AnswerReader } from "./answer-reader.ts";
import type { HeardEvent } from "./answer-reader.ts";

export type AskRuntime = Pick<Runtime, "dial" | "clock">;

export interface Question {
  readonly method?: "GET" | "POST";
  /** Path and query. */
  readonly target: string;
  /** Is sent as JSON. */
  readonly body?: unknown;
  /** How long the answer may take. */
  readonly ms?: number;
}

export interface JsonAnswer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any
  readonly value: any;
}

/** Why a corn that was found does not answer. */
export class Unanswered extends Error {}

/** How long an answer may take that waits for nothing. */
export const ASK_MS = 10_000;

/** Asks, and gives the answer. @throws Unanswered */
export function ask(
  runtime: AskRuntime,
  path: string,
  question: Question,
): Promise<JsonAnswer> {
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader();
    const end = (run: () => void) => {
      timer.close();
      outlet.close();
      run();
    };
    const fail = (reason: string) => end(() => reject(new Unanswered(reason)));
    const outlet = runtime.dial({ kind: "unix-stream", path }, {
      onOpen: () => send(outlet, question),
      onData(bytes) {
        reader.push(bytes);
        const { whole } = reader;
        if (whole === undefined) return;
        end(() => {
          try {
            const { status, text } = whole;
            const value = JSON.parse(text);
            if (isAnswer(status, value)) return resolve({ status, value });
            reject(new Unanswered("what answers there is no corn"));
          } catch {
            reject(new Unanswered("the answer is not JSON"));
          }
        });
      },
      onShut: (error) =>
        fail(error?.message ?? "the connection ended before the answer"),
    });
    const ms = question.ms ?? ASK_MS;
    const timer = runtime.clock.after(ms, () => fail("it does not answer"));
  });
}

/** False for what no corn answers: a path may be another server's, as Docker's, which speaks HTTP and JSON too. */
function isAnswer(status: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return false;
  }
  if (status < 400) return true;
  const { code, message } =
    (value as { error?: { code?: unknown; message?: unknown } }).error ?? {};
  return typeof code === "string" && typeof message === "string";
}

/** Listens to events until the connection ends. @throws Unanswered */
export function listen(
  runtime: AskRuntime,
  path: string,
  { target, signal, onEvent }: {
    readonly target: string;
    /** Ends it. */
    readonly signal?: AbortSignal;
    onEvent(event: HeardEvent): void;
  },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader();
    const outlet: Outlet = runtime.dial({ kind: "unix-stream", path }, {
      onOpen: () => send(outlet, { target }),
      onData(bytes) {
        reader.push(bytes);
        for (const event of reader.events()) onEvent(event);
        if (reader.whole === undefined) return;
        outlet.close();
        reject(new Unanswered(reader.whole.text));
      },
      onShut: (error) =>
        error === undefined ? resolve() : reject(new Unanswered(error.message)),
    });
    signal?.addEventListener("abort", () => {
      outlet.close();
      resolve();
    }, { once: true });
  });
}

function send(
  outlet: Outlet,
  { method = "GET", target, body }: Question,
): void {
  const encoder = new TextEncoder();
  const text = body === undefined ? "" : JSON.stringify(body);
  const type = text === "" ? "" : "content-type: application/json\r\n";
  const request = `${method} ${target} HTTP/1.1\r\nhost: localhost\r\n` +
    `${type}content-length: ${encoder.encode(text).length}\r\n\r\n${text}`;
  outlet.send(encoder.encode(request), () => {});
}
