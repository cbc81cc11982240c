/** The place of the one request that a sync worker has in hand, and the line of those that wait for it. */
import type {
  Clock,
  Closeable,
  Place,
  PlacedRequest,
} from "../../runtime/runtime.ts";

/**
 * The first bytes of a request come right behind the handshake, and a client
 * that sends none must not take a worker.
 */
const EXPECTED_MS = 50;

/**
 * Where many send none, one after the other, the place is kept for each for
 * half as long as before, down to this. What comes in vain counts twice what
 * comes as expected does, so that one client cannot make up for another.
 */
const LEAST_EXPECTED_MS = 2;
const MOST_VAIN = 10;

/** So long nothing came to a free place where nothing waits in the queue: several turns of any event loop. */
const QUIET_MS = 50;

/** A request that has the place for so long is told of: longer than most that block. */
const LONG_MS = 10_000;

export interface OnePlaceOptions {
  readonly clock: Pick<Clock, "after">;
  /** How long the place is kept for a connection whose request is not there; 50 unless given. */
  readonly expectedMs?: number;
  /** How long a request may have the place before it is told of; 10 s unless given. */
  readonly longMs?: number;
  /** Takes how many requests wait in this worker. */
  onQueued(count: number): void;
  /** Takes the first request that has the place for long, and for how long it had it at least. */
  onLong?(request: PlacedRequest, ms: number): void;
}

export class OnePlace implements Place {
  readonly #options: OnePlaceOptions;
  readonly #watchers: ((free: boolean) => void)[] = [];
  /** In order. */
  readonly #waiting = new Map<PlacedRequest, () => void>();
  #holder: object | undefined;
  /** The holder, where it is a request. */
  #inHand: PlacedRequest | undefined;
  /** True while one is timed, and once one was told of. */
  #timing = false;
  /** Ends an expectation. */
  #timer: Closeable | undefined;
  /** Weighs what was expected in vain lately. */
  #vain = 0;
  /** How often the place was taken. */
  #taken = 0;

  constructor(options: OnePlaceOptions) {
    this.#options = options;
  }

  watch(onChange: (free: boolean) => void): void {
    this.#watchers.push(onChange);
  }

  expect(connection: object): void {
    this.#taken++;
    // Where a socket cannot rest, connections come all the same.
    if (this.#holder !== undefined) return;
    this.#hold(connection);
    const { clock, expectedMs = EXPECTED_MS } = this.#options;
    const half =
      Math.max(LEAST_EXPECTED_MS, expectedMs / 2 ** (this.#vain >> 1)) / 2;
    // In two steps: the first of them may be late, before what came meanwhile is read.
    this.#timer = clock.after(half, () => {
      this.#timer = clock.after(half, () => {
        this.#vain = Math.min(MOST_VAIN, this.#vain + 2);
        this.leave(connection);
      });
    });
  }

  take(request: PlacedRequest, connection: object): boolean {
    if (this.#holder === connection) {
      this.#timer?.close();
      this.#vain = Math.max(0, this.#vain - 1);
      this.#holder = request;
    } else if (this.#holder !== undefined) return false;
    else this.#hold(request);
    this.#begin(request);
    return true;
  }

  wait(request: PlacedRequest, run: () => void): void {
    this.#waiting.set(request, run);
    this.#options.onQueued(this.#waiting.size);
  }

  leave(one: object): void {
    if (this.#waiting.delete(one as PlacedRequest)) {
      this.#options.onQueued(this.#waiting.size);
    }
    if (this.#holder !== one) return;
    this.#timer?.close();
    this.#inHand = undefined;
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#holder = undefined;
      return this.#tell(true);
    }
    const [request, run] = next;
    this.#waiting.delete(request);
    this.#options.onQueued(this.#waiting.size);
    this.#holder = request;
    this.#taken++;
    this.#begin(request);
    run();
  }

  /** Times a request, unless one is timed: most have no timer of their own. */
  #begin(request: PlacedRequest): void {
    this.#inHand = request;
    const { clock, longMs = LONG_MS, onLong } = this.#options;
    if (this.#timing || onLong === undefined) return;
    this.#timing = true;
    clock.after(longMs, () => {
      const now = this.#inHand;
      if (now === request) return onLong(request, longMs);
      this.#timing = false;
      if (now !== undefined) this.#begin(now);
    });
  }

  /** Resolves when the queue has nothing more for this place, or after so many milliseconds. */
  async emptied(withinMs: number): Promise<void> {
    const { clock } = this.#options;
    let over = false;
    const limit = clock.after(withinMs, () => over = true);
    const pause = () =>
      new Promise<void>((resolve) => clock.after(QUIET_MS / 2, resolve));
    // Twice: the first of them may be late, before what came meanwhile is seen.
    for (let quiet = 0; quiet < 2 && !over;) {
      const before = this.#taken;
      await pause();
      const idle = this.#holder === undefined && this.#taken === before;
      quiet = idle ? quiet + 1 : 0;
    }
    limit.close();
  }

  #hold(one: object): void {
    this.#holder = one;
    this.#taken++;
    this.#tell(false);
  }

  #tell(free: boolean): void {
    for (const onChange of this.#watchers) onChange(free);
  }
}
