/** Gives threads other certificates, and says once all of them have them. */
import type { TlsMessage } from "../../protocol/messages.ts";
import type { WorkerHost } from "../observe/worker-host.ts";

export class ThreadKeys {
  readonly #host: Pick<WorkerHost, "send">;
  /** The threads that have not answered yet, by the order's number. */
  readonly #waiting = new Map<number, Set<number>>();

  constructor(host: Pick<WorkerHost, "send">) {
    this.#host = host;
  }

  /** Waits for the answers of threads that were told. */
  expect({ id }: TlsMessage, threads: readonly number[]): void {
    this.#waiting.set(id, new Set(threads));
    this.#look();
  }

  take(thread: number, id: number): void {
    this.#waiting.get(id)?.delete(thread);
    this.#look();
  }

  /** A thread is gone. */
  bury(thread: number): void {
    for (const threads of this.#waiting.values()) threads.delete(thread);
    this.#look();
  }

  #look(): void {
    for (const [id, { size }] of this.#waiting) {
      if (size > 0) continue;
      this.#waiting.delete(id);
      this.#host.send({ type: "rekeyed", id });
    }
  }
}
