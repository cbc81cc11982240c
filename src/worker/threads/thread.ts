/** A thread of a worker: a worker of its own, whose channel leads to the process's first thread. */
import { VERSION } from "../../base/version.ts";
import { isMessage } from "../../protocol/messages.ts";
import type { ServingRuntime } from "../../runtime/serving.ts";
import { SHARED } from "../../shared/shared-buffers.ts";
import type { GetShared } from "../../shared/shared-buffers.ts";
import { Worker } from "../worker.ts";
import { createHost } from "../observe/worker-host.ts";
import type { SharedMessage, ShareMessage } from "./thread-messages.ts";

/** Runs this thread to its end. @throws where it has no channel */
export function runThread(runtime: ServingRuntime): void {
  const link = runtime.parent();
  if (link === undefined) throw new Error("there is no channel to a worker");
  const farewell = runtime.keepFarewell();
  const host = createHost(runtime, link);
  const worker = new Worker(host, farewell);
  const shared = new SharedClient((message) => link.send(message));
  shared.install(runtime.globals);
  link.onMessage((message) => {
    if (isMessage<SharedMessage>(message) && message.type === "shared") {
      shared.take(message);
    } else worker.receive(message);
  });
  runtime.onUncaught((error) => worker.uncaught(error));
  const { name, version } = runtime;
  host.send({ type: "hello", runtime: name, version, corn: VERSION });
}

/** Asks for memory that all threads have. */
class SharedClient {
  readonly #send: (message: ShareMessage) => void;
  readonly #waiting = new Map<number, (answer: SharedMessage) => void>();
  #last = 0;

  constructor(send: (message: ShareMessage) => void) {
    this.#send = send;
  }

  install(globals: object): void {
    const get: GetShared = (name, bytes) =>
      new Promise((resolve, reject) => {
        const id = ++this.#last;
        this.#waiting.set(id, ({ buffer, error }) => {
          if (buffer === undefined) reject(new RangeError(error));
          else resolve(buffer);
        });
        this.#send({ type: "share", id, name, bytes });
      });
    Object.defineProperty(globals, Symbol.for(SHARED), { value: get });
  }

  take(answer: SharedMessage): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }
}
