/** The requests and promises a worker has in hand. */
import {
  FlightRecorder,
  NO_SEAT,
  SEATS,
} from "../../exchange/flight-record.ts";
import type { NamedRequest } from "../../exchange/flight-record.ts";
import type { OpenRequest } from "../../exchange/open-request.ts";
import type { Timing } from "./timing.ts";
import { WireRequest } from "../../http/web/request.ts";

/** What tells how a request was answered: a Response, or Node's. */
interface Answered {
  readonly status?: number;
  readonly statusCode?: number;
}

/** A request that waits for its answer. */
export interface SeatedRequest extends OpenRequest {
  /** As the gateway was given it. */
  readonly request: unknown;
}

/** Counts requests, and records which are open, for the arbiter to read from outside. */
export class Inflight {
  /** Requests begun since boot. */
  requests = 0;
  /** Requests open now. */
  open = 0;
  /** Requests that wait for their turn, which are not open yet. */
  queued = 0;
  /** Promises that hold the worker open now, beside requests. */
  held = 0;
  readonly recorder: FlightRecorder;
  /** How long requests take; undefined while it is of no interest. */
  timing: Timing | undefined;
  /** The requests that wait for their answers, by their seats. */
  readonly #seated: unknown[] = Array(SEATS).fill(undefined);
  readonly #waiters: (() => void)[] = [];
  readonly #now: () => number;

  /** `record` is memory for the record, its own unless given. */
  constructor(now: () => number, record?: SharedArrayBuffer) {
    this.recorder = new FlightRecorder(record);
    this.#now = now;
  }

  /** Gives a request whose handler is called next its seat in the record. */
  begin(request: NamedRequest): number {
    const head = WireRequest.exchangeOf(request)?.head;
    this.timing?.begin(this.#now());
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
  defer(seat: number, request: unknown): number {
    const { timing } = this;
    const kept = this.recorder.defer(
      seat,
      timing === undefined ? this.#now() : timing.began,
    );
    if (kept !== NO_SEAT) this.#seated[kept] = request;
    else if (timing !== undefined) return timing.defer();
    return kept;
  }

  /** Ends the request of a seat, deferred or not. */
  end(seat: number, answer?: Answered): void {
    this.open--;
    if (this.timing !== undefined) this.#time(this.timing, seat, answer);
    if (seat < SEATS) {
      this.recorder.end(seat);
      if (seat !== NO_SEAT) this.#seated[seat] = undefined;
    }
    this.#resolveIdle();
  }

  #time(timing: Timing, seat: number, answer: Answered | undefined): void {
    // It was put aside before there was a look.
    if (seat === NO_SEAT) return;
    const began = seat >= SEATS
      ? timing.end(seat)
      : this.#seated[seat] === undefined
      ? timing.began
      : this.recorder.timeOf(seat);
    const { status, statusCode = status } = answer ?? {};
    timing.note(this.#now() - began, statusCode);
  }

  /** The requests that wait for their answers and have a seat, the oldest first. */
  list(): SeatedRequest[] {
    const now = this.#now();
    const list: SeatedRequest[] = [];
    for (let seat = 0; seat < SEATS; seat++) {
      const open = this.recorder.waitingAt(seat);
      if (open === undefined) continue;
      const ms = Math.max(0, Math.round(now - this.recorder.timeOf(seat)));
      list.push({ ...open, ms, request: this.#seated[seat] });
    }
    return list.sort((a, b) => b.ms - a.ms);
  }

  /** Holds the worker open until a promise has settled. */
  hold(promise: unknown): void {
    this.held++;
    const release = () => {
      this.held--;
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
    if (this.#waiters.length === 0 || this.open > 0 || this.held > 0) {
      return;
    }
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
