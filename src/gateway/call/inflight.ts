/** The requests and promises a worker has in hand. */
import { FlightRecorder } from "../../exchange/flight-record.ts";
import type { NamedRequest } from "../../exchange/flight-record.ts";
import { WireRequest } from "../../http/web/request.ts";

/** Counts requests, and records which are open, for the arbiter to read from outside. */
export class Inflight {
  /** Requests begun since boot. */
  requests = 0;
  /** Requests open now. */
  open = 0;
  /** Requests that wait for their turn, which are not open yet. */
  queued = 0;
  readonly recorder: FlightRecorder = new FlightRecorder();
  #held = 0;
  #waiters: (() => void)[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Gives a request whose handler is called next its seat in the record. */
  begin(request: NamedRequest): number {
    const head = WireRequest.exchangeOf(request)?.head;
    // A URL is not made for this, which an app may never ask for.
    return head === undefined
      ? this.recorder.begin(request)
      : this.recorder.begin({ method: head.method, url: head.target.path });
  }

  /** The handler gave the event loop back. */
  leave(): void {
    this.recorder.leave();
  }

  /** Keeps a request whose answer comes later; gives its seat from now on. */
  defer(seat: number): number {
    return this.recorder.defer(seat, this.#now());
  }

  /** Ends the request of a seat, deferred or not. */
  end(seat: number): void {
    this.open--;
    this.recorder.end(seat);
    this.#resolveIdle();
  }

  /** Holds the worker open until a promise has settled. */
  hold(promise: unknown): void {
    this.#held++;
    const release = () => {
      this.#held--;
      this.#resolveIdle();
    };
    Promise.resolve(promise).then(release, release);
  }

  /** Resolves when nothing is open or held. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#resolveIdle();
    });
  }

  #resolveIdle(): void {
    if (this.#waiters.length === 0 || this.open > 0 || this.#held > 0) {
      return;
    }
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
