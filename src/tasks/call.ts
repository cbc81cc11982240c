/** A call of a task: what the app awaits, or iterates over. */
import { deferred } from "../base/promise.ts";
import type { Closeable } from "../runtime/runtime.ts";
import { TaskTimeoutError } from "./errors.ts";
import type { TaskClock } from "../runtime/task-machine.ts";
import type { CallOptions } from "./types.ts";

/** What is called. */
export interface CallRequest {
  readonly pool: string;
  readonly task: string;
  readonly args: readonly unknown[];
  /** When the caller gives up, by its own clock. */
  readonly until?: number | undefined;
}

/** What comes of it. */
export interface CallEvents {
  onValue(value: unknown): void;
  onChunk(value: unknown): void;
  onEnd(): void;
  onError(error: unknown): void;
}

/** A call on its way. */
export interface BegunCall {
  /** Lets nothing come for a while, or again. */
  flow(on: boolean): void;
  /** Gives it up: nothing follows. */
  cancel(reason: unknown): void;
}

/** Where calls are made. */
export interface CallPlace {
  readonly clock: TaskClock;
  begin(request: CallRequest, events: CallEvents): BegunCall;
}

/** A timer that is set for longer fires at once, on all runtimes. */
const LONGEST_MS = 2 ** 31 - 1;

/** What came of a stream and was not taken, before the other side must wait. */
const MOST_WAITING = 16;

type Outcome =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "end" }
  | { readonly kind: "error"; readonly error: unknown };

/** Begins at once, whether it is awaited, iterated over, or neither. */
export class Call implements PromiseLike<unknown>, AsyncIterable<unknown> {
  readonly [Symbol.toStringTag] = "Promise";
  readonly #name: string;
  #begun: BegunCall | undefined;
  #outcome: Outcome | undefined;
  readonly #waiting: unknown[] = [];
  #paused = false;
  /** What awaits it, and what iterates over it, wait for the same change. */
  #changing: PromiseWithResolvers<void> | undefined;
  #promise: Promise<unknown> | undefined;
  #iterated = false;
  #timer: Closeable | undefined;
  #unlisten: (() => void) | undefined;

  constructor(
    request: CallRequest,
    { timeout, signal }: CallOptions,
    { clock, begin }: CallPlace,
  ) {
    this.#name = `${request.pool}.${request.task}`;
    if (signal?.aborted) {
      this.#settleError(signal.reason);
      return;
    }
    if (timeout !== undefined && timeout <= LONGEST_MS) {
      this.#timer = clock.after(
        timeout,
        () => this.#giveUp(new TaskTimeoutError(this.#name, timeout)),
      );
    }
    if (signal !== undefined) {
      const onAbort = () => this.#giveUp(signal.reason);
      signal.addEventListener("abort", onAbort);
      this.#unlisten = () => signal.removeEventListener("abort", onAbort);
    }
    const until = timeout === undefined || timeout === Infinity
      ? undefined
      : clock.monotonic() + timeout;
    try {
      this.#begun = begin({ ...request, until }, {
        onValue: (value) => this.#settle({ kind: "value", value }),
        onEnd: () => this.#settle({ kind: "end" }),
        onError: (error) => this.#settleError(error),
        onChunk: (value) => this.#take(value),
      });
    } catch (error) {
      // What cannot be sent.
      this.#settleError(error);
    }
  }

  then<Value, Reason>(
    onValue?: ((value: unknown) => Value | PromiseLike<Value>) | null,
    onReason?: ((reason: unknown) => Reason | PromiseLike<Reason>) | null,
  ): Promise<Value | Reason> {
    this.#promise ??= this.#result();
    return this.#promise.then(onValue, onReason) as Promise<Value | Reason>;
  }

  catch<Reason>(
    onReason?: ((reason: unknown) => Reason | PromiseLike<Reason>) | null,
  ): Promise<unknown> {
    return this.then(undefined, onReason);
  }

  finally(run?: (() => void) | null): Promise<unknown> {
    return this.then().finally(run);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    this.#iterated = true;
    this.#promise?.catch(() => {});
    try {
      while (true) {
        while (this.#waiting.length > 0) {
          const value = this.#waiting.shift();
          if (this.#paused && this.#waiting.length === 0) this.#flow(true);
          yield value;
        }
        const outcome = this.#outcome;
        if (outcome === undefined) await this.#change();
        else if (outcome.kind === "end") return;
        else if (outcome.kind === "error") throw outcome.error;
        else {
          throw new TypeError(
            `Cannot iterate over task ${this.#name}: it returns one value, await it`,
          );
        }
      }
    } finally {
      // The loop was left early.
      if (this.#outcome === undefined) {
        this.#giveUp(new Error(`Task ${this.#name} was given up`));
      }
    }
  }

  #take(value: unknown): void {
    this.#waiting.push(value);
    if (!this.#paused && this.#waiting.length >= MOST_WAITING) {
      this.#flow(false);
    }
    this.#wake();
  }

  #flow(on: boolean): void {
    this.#paused = !on;
    if (this.#outcome === undefined) this.#begun?.flow(on);
  }

  #change(): Promise<void> {
    return (this.#changing ??= deferred()).promise;
  }

  #wake(): void {
    this.#changing?.resolve();
    this.#changing = undefined;
  }

  async #result(): Promise<unknown> {
    while (this.#outcome === undefined && this.#waiting.length === 0) {
      await this.#change();
    }
    const outcome = this.#outcome;
    if (outcome?.kind === "error") throw outcome.error;
    if (outcome?.kind === "value") return outcome.value;
    const error = new TypeError(
      `Cannot await task ${this.#name}: it streams, iterate over it (for await)`,
    );
    if (outcome === undefined) {
      // Rejects this promise alone: a second one would be an unhandled rejection.
      this.#begun?.cancel(error);
      this.#settle({ kind: "error", error });
    }
    throw error;
  }

  #giveUp(reason: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#begun?.cancel(reason);
    this.#settleError(reason);
  }

  #settleError(error: unknown): void {
    this.#settle({ kind: "error", error });
    // What nothing takes is told, as it is of any promise.
    if (!this.#iterated) this.#promise ??= this.#result();
  }

  #settle(outcome: Outcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#timer?.close();
    this.#unlisten?.();
    this.#wake();
  }
}
