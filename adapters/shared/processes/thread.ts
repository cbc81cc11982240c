/** A runtime as one thread of a process has it. */
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type {
  ParentLink,
  Self,
  SignalName,
} from "../../../src/runtime/runtime.ts";
import type { ServingRuntime } from "../../../src/runtime/serving.ts";
import { useHolder } from "./parent.ts";
import { endThread } from "./thread-end.ts";
import type { Sent, ThreadData, Told } from "./threads.ts";

/** As in `src/protocol`: the number of the thread, for the app to read. */
const THREAD_ID = "CORN_THREAD_ID";

/** What corn does at signals that the process passes on. */
type Handlers = Map<SignalName, () => void>;

type Exit = (code?: number) => never;

/** What Deno has of its own. */
interface DenoThread {
  exit: Exit;
  readonly env: {
    get(name: string): string | undefined;
    has(name: string): boolean;
    toObject(): Record<string, string>;
  };
}

const { Deno } = globalThis as unknown as { Deno?: DenoThread };

/** Signals, the user and what the process opened are not a thread's. @throws where this is no thread of corn's */
export function asThread(runtime: ServingRuntime): ServingRuntime {
  if (parentPort === null) {
    throw new Error("Cannot run as a thread: it is none");
  }
  const port = parentPort;
  const { record } = workerData as ThreadData;
  const exit = tellExit(port);
  const handlers: Handlers = new Map();
  // Deno ends a thread that has nothing to do without `beforeExit` (2.9.5,
  // DENO-THREAD-IDLE): there the port keeps it.
  if (Deno === undefined) useHolder(port);
  else showThreadId(Deno);
  // What looks from within knows the loop of the process's first thread.
  const { loopWatch: _watch, debuggerUrl: _url, ...own } = runtime;
  return {
    ...own,
    record,
    // Deno asks for a permission where some members are read.
    self: Object.create(runtime.self, { exit: { value: exit } }) as Self,
    signals: {
      ...runtime.signals,
      on(name, run) {
        handlers.set(name, run);
        return { close: () => void handlers.delete(name) };
      },
    },
    parent: () => linkOver(port, handlers),
    keepDescriptors() {},
  };
}

/** An end by the app's own call is told, since Deno tells of none; gives what ends the thread without a word. */
function tellExit(port: MessagePort): Exit {
  const plain: Exit = process.exit.bind(process);
  let told = false;
  const say = (code: number, called?: string) => {
    // One may call the other.
    if (told) return;
    told = true;
    const sent: Sent = { corn: "exit", code, ...called && { called } };
    port.postMessage(sent);
    endThread();
  };
  const byApp = (end: Exit): Exit => (code = Number(process.exitCode ?? 0)) => {
    say(code, new Error("process.exit").stack);
    return end(code);
  };
  process.exit = byApp(plain) as typeof process.exit;
  // For an app that imports it by its name.
  syncBuiltinESMExports();
  if (Deno !== undefined) {
    const { exit } = Deno;
    Deno.exit = byApp(exit);
    const { close } = globalThis as unknown as { close(): void };
    Object.defineProperty(globalThis, "close", {
      configurable: true,
      writable: true,
      value() {
        endThread();
        close();
      },
    });
  }
  return (code = 0) => {
    say(code);
    return plain(code);
  };
}

/** Deno's own variables are those of all threads (2.9.5, DENO-THREAD-ENV). */
function showThreadId({ env }: DenoThread): void {
  const own = process.env[THREAD_ID];
  const { get, has, toObject } = env;
  env.get = (name) => name === THREAD_ID ? own : get.call(env, name);
  env.has = (name) => name === THREAD_ID || has.call(env, name);
  env.toObject = () => ({ ...toObject.call(env), [THREAD_ID]: own ?? "" });
}

function linkOver(port: MessagePort, handlers: Handlers): ParentLink {
  return {
    waiting: 0,
    send(message) {
      const sent: Sent = { corn: "message", message };
      port.postMessage(sent);
      return true;
    },
    onMessage(run) {
      port.on("message", (told: Told | undefined) => {
        if (told?.corn === "message") run(told.message);
        else if (told?.corn === "signal") handlers.get(told.name)?.();
      });
    },
    // A thread ends with its process.
    onClose() {},
  };
}
