/** A worker writes a profile or a snapshot of itself, when it is asked to. */
import { messageOf } from "../../base/errors.ts";
import type { RecordMessage } from "../../protocol/messages.ts";
import type { LoopLook } from "./loop-look.ts";
import type { WorkerHost } from "./worker-host.ts";

/** What a snapshot took of memory goes back some time after it. */
export const AFTER_MS = 10_000;

export class Recording {
  readonly #host: WorkerHost;
  readonly #look: Pick<LoopLook, "resting">;
  #until = -Infinity;
  /** What is to be done once no request is open any more. */
  #last: RecordMessage | undefined;
  #lastRecord: Promise<void> | undefined;

  constructor(host: WorkerHost, look: Pick<LoopLook, "resting">) {
    this.#host = host;
    this.#look = look;
  }

  /** True while its memory tells nothing of the app. */
  get holds(): boolean {
    return this.#host.runtime.clock.now() < this.#until;
  }

  /** Does what is asked, or keeps it for the end. */
  async take(order: RecordMessage): Promise<void> {
    if (order.last) this.#last = order;
    else await this.#record(order);
  }

  /** Does once what was kept for the end; undefined where nothing was. */
  recordLast(): Promise<void> | undefined {
    if (this.#last === undefined) return undefined;
    return this.#lastRecord ??= this.#record(this.#last);
  }

  async #record({ id, what, file, ms, thread }: RecordMessage): Promise<void> {
    const { runtime, send } = this.#host;
    if (thread !== undefined) {
      const error = "the worker has no threads: leave out --thread";
      return send({ type: "recorded", id, error });
    }
    this.#until = Infinity;
    // Bun has one sampler for both.
    this.#look.resting = true;
    try {
      const { profile, heap } = runtime.recorder;
      if (what === "profile") await profile(file, ms);
      else heap(file);
      send({ type: "recorded", id });
    } catch (error) {
      send({ type: "recorded", id, error: messageOf(error) });
    } finally {
      this.#look.resting = false;
      this.#until = runtime.clock.now() + AFTER_MS;
    }
  }
}
