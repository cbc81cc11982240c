/** Has one thread write a profile or a heap snapshot of itself. */
import { deferred } from "../../base/promise.ts";
import type {
  RecordedMessage,
  RecordMessage,
} from "../../protocol/messages.ts";
import { BLOCKED_MS } from "../../protocol/waits.ts";
import type { Closeable } from "../../runtime/runtime.ts";
import { AFTER_MS } from "../observe/recording.ts";
import type { WorkerHost } from "../observe/worker-host.ts";
import type { OneThread } from "./one-thread.ts";
import type { ThreadList } from "./thread-list.ts";

/** All threads serve alike. */
const FIRST = 1;

/** The thread that writes, and what for. */
interface Current {
  readonly number: number;
  readonly id: number;
  readonly over: PromiseWithResolvers<void>;
  /** Looks whether one that is blocked has gone on. */
  readonly timer: Closeable | undefined;
}

export class ThreadRecordings {
  readonly #host: WorkerHost;
  readonly #threads: ThreadList;
  #current: Current | undefined;
  #until = -Infinity;

  constructor(host: WorkerHost, threads: ThreadList) {
    this.#host = host;
    this.#threads = threads;
  }

  /** True while the process's memory tells nothing of the app. */
  get holds(): boolean {
    return this.#current !== undefined ||
      this.#host.runtime.clock.now() < this.#until;
  }

  /** Resolves when what is recorded, or is to be at the end, is written; undefined where nothing is. */
  get over(): Promise<void> | undefined {
    return this.#current?.over.promise;
  }

  /** True while a thread may be silent, because a snapshot has its loop. */
  excuses(number: number): boolean {
    return this.#current?.number === number;
  }

  begin({ thread: number = FIRST, ...order }: RecordMessage): void {
    const one = this.#threads.find(number);
    if (one === undefined) {
      const { length } = this.#threads.all;
      return this.#answer(
        order.id,
        number <= length
          ? `thread ${number} has ended`
          : `the worker has no thread ${number}: its threads are 1 to ${length}`,
      );
    }
    this.#forget();
    const { clock } = this.#host.runtime;
    // A snapshot makes it silent too, once it has begun.
    const isBlocked = one.watch.silentMs > 0 && !order.last;
    this.#current = {
      ...{ number, id: order.id, over: deferred() },
      timer: isBlocked
        ? clock.after(BLOCKED_MS, () => this.#giveUp(one, order.id))
        : undefined,
    };
    one.thread.send(order);
  }

  #giveUp({ number, watch }: OneThread, id: number): void {
    const { silentMs } = watch;
    if (silentMs < BLOCKED_MS) return;
    const seconds = (silentMs / 1000).toFixed(1);
    this.#answer(
      id,
      `thread ${number} is blocked for ${seconds} s${watch.text}`,
    );
  }

  take(number: number, { id, error }: RecordedMessage): void {
    if (this.#current?.number !== number || this.#current.id !== id) return;
    // For as long as it wrote, it gave no other sign of life.
    this.#threads.find(number)?.watch.beat(true);
    this.#answer(id, error || undefined);
  }

  /** A thread is gone. */
  bury(number: number): void {
    if (this.#current?.number !== number) return;
    this.#answer(this.#current.id, `thread ${number} has ended`);
  }

  #forget(): void {
    this.#current?.over.resolve();
    this.#current?.timer?.close();
    this.#current = undefined;
  }

  #answer(id: number, error: string | undefined): void {
    this.#forget();
    this.#until = this.#host.runtime.clock.now() + AFTER_MS;
    this.#host.send({
      type: "recorded",
      id,
      ...error !== undefined && { error },
    });
  }
}
