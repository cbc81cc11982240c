/** A call where corn does not run, as in tests: the module is in this process, and values pass as they would between processes. */
import type { BegunCall, CallEvents, CallRequest } from "./call.ts";
import { remoteError, TaskError } from "./errors.ts";
import { pack, unpack } from "./packed.ts";
import {
  callTask,
  findTask,
  iteratorOf,
  passOn,
  taskNames,
  valueOf,
} from "./run-task.ts";

type Module = Readonly<Record<string, unknown>>;

/** A copy, as another process would get it. */
function copy(value: unknown): unknown {
  const { json, parts } = pack(value);
  return unpack({ json, parts: parts.map((part) => part.slice()) });
}

/** Makes the call. @throws TypeError where the arguments cannot be sent */
export function callInProcess(
  module: Promise<Module>,
  { pool, task, args }: CallRequest,
  events: CallEvents,
): BegunCall {
  // By their name, as where they cannot be sent over a socket.
  const { args: own } = copy({ args }) as { args: unknown[] };
  const controller = new AbortController();
  const { signal } = controller;
  let resume: (() => void) | undefined;
  let flows = true;

  async function run(): Promise<void> {
    try {
      const found = await module;
      const called = findTask(found, task);
      if (called === undefined) throw noTask(task, taskNames(found));
      const result = callTask(called, own, { signal });
      const iterator = iteratorOf(result);
      if (iterator === undefined) {
        return events.onValue(copy(await valueOf(result)));
      }
      const ended = await passOn(iterator, signal, (value) => {
        events.onChunk(copy(value));
        return flows ? undefined : new Promise<void>((free) => resume = free);
      });
      if (ended) events.onEnd();
    } catch (error) {
      events.onError(new TaskError(`${pool}.${task}`, remoteError(error)));
    }
  }

  void run();
  return {
    flow(on) {
      flows = on;
      if (on) resume?.();
    },
    cancel(reason) {
      controller.abort(reason);
      resume?.();
    },
  };
}

/** What a call of a task fails with that a module has not. */
export function noTask(name: string, known: readonly string[]): TypeError {
  return new TypeError(
    `there is no task "${name}"${
      known.length === 0 ? "" : `, only ${known.join(", ")}`
    }`,
  );
}
