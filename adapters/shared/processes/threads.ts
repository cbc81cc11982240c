/** Threads, by `node:worker_threads` on all three runtimes. */
import { fstatSync } from "node:fs";
import process from "node:process";
import { Worker } from "node:worker_threads";
import type { SignalName } from "../../../src/runtime/runtime.ts";
import type {
  Thread,
  ThreadExit,
  ThreadOptions,
} from "../../../src/runtime/threads.ts";

/** What a thread of corn's is told at its start. */
export interface ThreadData {
  readonly record: SharedArrayBuffer;
}

/** What it is sent. */
export type Told =
  | { readonly corn: "message"; readonly message: unknown }
  | { readonly corn: "signal"; readonly name: SignalName };

/** What it sends; what has another form is the app's, which may use the port too. */
export type Sent =
  | { readonly corn: "message"; readonly message: unknown }
  | { readonly corn: "exit"; readonly code: number; readonly called?: string };

/** Looks at the thread of a number, as long as that is wanted. */
export type LookAtThread = (
  threadId: number,
  expression: string,
  wanted: () => boolean,
) => Promise<string | undefined>;

/** `look` is left out where the runtime cannot stop a thread. */
export function startThread(
  { url, env, record, onMessage, onExit }: ThreadOptions,
  look?: LookAtThread,
): Thread {
  const data: ThreadData = { record };
  const worker = new Worker(new URL(url), {
    workerData: data,
    env: { ...env },
  });
  freeOutput();
  let exit: ThreadExit | undefined;
  let ended = false;
  worker.on("message", (sent: Sent | undefined) => {
    if (sent?.corn === "message") onMessage(sent.message);
    else if (sent?.corn === "exit") exit = sent;
  });
  worker.on("error", (error: unknown) => exit = { code: 1, error });
  worker.on("exit", (code: number) => {
    if (ended) return;
    ended = true;
    onExit(exit ?? { code });
  });
  return {
    send(message) {
      const told: Told = { corn: "message", message };
      worker.postMessage(told);
    },
    ...look && {
      look: (expression, wanted) => look(worker.threadId, expression, wanted),
    },
    signal(name) {
      const told: Told = { corn: "signal", name };
      worker.postMessage(told);
    },
  };
}

/** A thread of Node has no handle by which a socket on its output could be made not to wait for its reader (24.21, NODE-THREAD-OUTPUT): this one has. */
function freeOutput(): void {
  for (
    const [descriptor, stream] of [[1, process.stdout], [
      2,
      process.stderr,
    ]] as const
  ) {
    if (!fstatSync(descriptor).isSocket()) continue;
    const { _handle: handle } = stream as unknown as {
      _handle?: { setBlocking?(on: boolean): void } | null;
    };
    handle?.setBlocking?.(false);
  }
}
