/**
 * A thread that looks at the main thread once its event loop is blocked: on Node
 * nothing outside of the process can ask where that stands, but by a port whose
 * secret is told to all (24.21, NODE-INSPECTOR-TELLS). What it finds is in a
 * piece of memory that begins with a mark, which the arbiter finds by it.
 */
import process from "node:process";
import type { LoopWatch, LoopWatchOptions } from "../../src/runtime/serving.ts";
import { setTimeout } from "../shared/originals/originals.ts";

/** What the thread is given. */
interface Given {
  readonly shared: SharedArrayBuffer;
  readonly silentMs: number;
  readonly expression: string;
  readonly textAt: number;
}

/** Words of the memory: the length of the text, the count of beats, and whether more are to follow soon. */
const LENGTH = 4;
const BEATS = 5;
const BUSY = 6;

/** Starts the thread. @throws where the process may start none */
export function watchLoop(
  { mark, bytes: size, textAt, silentMs, expression }: LoopWatchOptions,
): LoopWatch {
  const shared = new SharedArrayBuffer(size);
  const bytes = new Uint8Array(shared);
  const words = new Int32Array(shared);
  for (let at = 0; 2 * at < mark.length; at++) {
    bytes[at] = parseInt(mark.slice(2 * at, 2 * at + 2), 16);
  }
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const given: Given = { shared, silentMs, expression, textAt };
  // Its text is at hand when a deploy has taken the files away.
  const thread = new Worker(`(${watchMainThread})()`, {
    eval: true,
    name: "corn watches the event loop",
    workerData: given,
    // What the app's command line or NODE_OPTIONS preload is the app's alone.
    execArgv: [],
    env: {},
  });
  thread.unref();
  // Without it nothing is known, as before.
  thread.on("error", () => {});
  return {
    beat(busy) {
      Atomics.store(words, BUSY, busy ? 1 : 0);
      Atomics.add(words, BEATS, 1);
      if (busy) Atomics.notify(words, BEATS);
    },
    take() {
      const length = Atomics.exchange(words, LENGTH, 0);
      const text = bytes.slice(textAt, textAt + length);
      return length === 0 ? undefined : new TextDecoder().decode(text);
    },
    close: () => void thread.terminate(),
  };
}

/** The thread's whole program, which is taken as a text: nothing around it can be used. */
async function watchMainThread(): Promise<void> {
  const [lengthAt, beatsAt, busyAt] = [4, 5, 6];
  const limitMs = 2500;
  const apartMs = 60;
  const againMs = 2000;
  // Bundlers rename what is imported.
  const { process: { getBuiltinModule } } = globalThis;
  const { workerData } = getBuiltinModule("node:worker_threads");
  const { Session } = getBuiltinModule("node:inspector/promises");
  const { shared, silentMs, expression, textAt } = workerData as Given;
  const words = new Int32Array(shared);
  const bytes = new Uint8Array(shared);
  const wait = (ms: number) =>
    new Promise((resolve) => setTimeout(resolve, ms));

  async function ask(session: InstanceType<typeof Session>): Promise<string> {
    const paused = new Promise<unknown>((resolve) =>
      session.once("Debugger.paused", resolve)
    );
    await session.post("Debugger.pause");
    await paused;
    const { result } = await session.post("Runtime.evaluate", {
      expression,
      returnByValue: true,
      silent: true,
    });
    await session.post("Debugger.resume");
    return String(result.value);
  }

  /** Asks twice: what has gone on meanwhile has not blocked. */
  async function look(isBlocked: () => boolean): Promise<void> {
    const session = new Session();
    try {
      session.connectToMainThread();
      await session.post("Debugger.enable");
      // That takes its time, and a loop that has come back is not to be stopped.
      if (!isBlocked()) return;
      const first = JSON.parse(await ask(session));
      await wait(apartMs);
      if (!isBlocked()) return;
      const text = await ask(session);
      const second = JSON.parse(text);
      await session.post("Debugger.disable");
      if (
        first.begun !== second.begun || first.by?.path !== second.by?.path
      ) return;
      const encoded = new TextEncoder().encode(text);
      if (encoded.length > bytes.length - textAt) return;
      Atomics.store(words, lengthAt, 0);
      bytes.set(encoded, textAt);
      Atomics.store(words, lengthAt, encoded.length);
    } catch {
      // It cannot be asked.
    } finally {
      session.disconnect();
    }
  }

  for (;;) {
    const beats = Atomics.load(words, beatsAt);
    if (Atomics.load(words, busyAt) === 0) {
      // Nothing wakes it while the worker is at rest.
      Atomics.wait(words, beatsAt, beats);
      continue;
    }
    if (Atomics.wait(words, beatsAt, beats, silentMs) !== "timed-out") continue;
    const isBlocked = () => Atomics.load(words, beatsAt) === beats;
    while (isBlocked()) {
      await Promise.race([look(isBlocked), wait(limitMs)]);
      Atomics.wait(words, beatsAt, beats, againMs);
    }
  }
}
