/** What all workers have done since the first of them: sums that outlive each worker, a reload and an upgrade. */
import type { RefusedCount } from "../exchange/refused.ts";
import type { RequestCounts } from "./request-figures.ts";

/** Why a worker's process ended. */
export const EXIT_REASONS = [
  "reload",
  "scale",
  "stop",
  "max_requests",
  "lifetime",
  "memory",
  "authorities",
  "error",
  "crash",
  "silent",
  "boot",
  "signal",
  "order",
] as const;
export type ExitReason = typeof EXIT_REASONS[number];

/** What came of a reload. */
export const RELOAD_RESULTS = [
  "done",
  "refused",
  "given_up",
  "rolled_back",
  "superseded",
] as const;
export type ReloadResult = typeof RELOAD_RESULTS[number];

/** What a worker in one slot has done, with those before it. */
export interface SlotSums {
  requests: number;
  cpuMs: number;
  restarts: number;
}

/** Requests of one method and status. */
export interface RequestSums {
  readonly method: string;
  readonly status: number;
  sumMs: number;
  readonly counts: number[];
}

/** All that is summed, as JSON: what one arbiter hands to the next. */
export interface SumsRecord {
  /** Upper bounds of the buckets that requests are counted in. */
  readonly bucketsMs: readonly number[];
  readonly requests: readonly RequestSums[];
  readonly slots: readonly (readonly [slot: number, SlotSums])[];
  readonly exits: Readonly<Record<string, number>>;
  readonly reloads: Readonly<Record<string, number>>;
  readonly logLines: Readonly<Record<string, number>>;
  /** Left out by an arbiter that does not know of it. */
  readonly socketsOpened?: number;
  /** By the code. */
  readonly socketsClosed?: Readonly<Record<string, number>>;
  /** By reason and status; an arbiter of before has none. */
  readonly refused?: Readonly<Record<string, number>>;
  readonly arbiterCpuMs: number;
}

/** The same with what the app counts itself, as a text of Prometheus'. */
export interface CountsRecord extends SumsRecord {
  readonly app: string;
}

/** Counts in one set of buckets as counts in another: what was in a bucket is in the first that holds all of it. */
export function moveCounts(
  counts: readonly number[],
  from: readonly number[],
  to: readonly number[],
): number[] {
  const moved = new Array<number>(to.length + 1).fill(0);
  for (const [index, count] of counts.entries()) {
    const bound = from[index] ?? Infinity;
    const found = to.findIndex((upper) => upper >= bound);
    (moved[found === -1 ? to.length : found] as number) += count;
  }
  return moved;
}

export class Sums {
  #bucketsMs: readonly number[];
  /** By status, then by method. */
  readonly #requests = new Map<number, Map<string, RequestSums>>();
  readonly slots: Map<number, SlotSums> = new Map();
  readonly exits: Map<string, number> = new Map();
  readonly reloads: Map<string, number> = new Map();
  readonly logLines: Map<string, number> = new Map();
  /** WebSockets. */
  socketsOpened = 0;
  /** By the code. */
  readonly socketsClosed: Map<string, number> = new Map();
  /** What workers have answered in the app's place, by reason and status with a space between. */
  readonly refused: Map<string, number> = new Map();
  /** Processor time of the arbiters before this one. */
  arbiterCpuMs = 0;

  constructor(bucketsMs: readonly number[]) {
    this.#bucketsMs = bucketsMs;
    for (const reason of EXIT_REASONS) this.exits.set(reason, 0);
    for (const result of RELOAD_RESULTS) this.reloads.set(result, 0);
  }

  get bucketsMs(): readonly number[] {
    return this.#bucketsMs;
  }

  /** Counts in these buckets from now on, and what was counted as well. */
  useBuckets(bucketsMs: readonly number[]): void {
    if (sameBounds(bucketsMs, this.#bucketsMs)) return;
    for (const row of this.requests()) {
      const moved = moveCounts(row.counts, this.#bucketsMs, bucketsMs);
      row.counts.splice(0, Infinity, ...moved);
    }
    this.#bucketsMs = bucketsMs;
  }

  /** The requests of each method and status. */
  *requests(): Generator<RequestSums> {
    for (const methods of this.#requests.values()) yield* methods.values();
  }

  /** Adds requests, which were counted in buckets of their own. */
  addRequests(
    rows: readonly RequestCounts[],
    bucketsMs: readonly number[],
  ): void {
    for (const { method, status, sumMs, counts } of rows) {
      const row = this.#rowOf(method, status);
      row.sumMs += sumMs;
      const moved = sameBounds(bucketsMs, this.#bucketsMs)
        ? counts
        : moveCounts(counts, bucketsMs, this.#bucketsMs);
      for (let index = 0; index < row.counts.length; index++) {
        (row.counts[index] as number) += moved[index] ?? 0;
      }
    }
  }

  /** The sums of a slot. */
  slot(slot: number): SlotSums {
    let sums = this.slots.get(slot);
    if (sums === undefined) {
      this.slots.set(slot, sums = { requests: 0, cpuMs: 0, restarts: 0 });
    }
    return sums;
  }

  /** Everything, to be added elsewhere. */
  record(): SumsRecord {
    return {
      bucketsMs: this.#bucketsMs,
      requests: [...this.requests()],
      slots: [...this.slots],
      exits: Object.fromEntries(this.exits),
      reloads: Object.fromEntries(this.reloads),
      logLines: Object.fromEntries(this.logLines),
      socketsOpened: this.socketsOpened,
      socketsClosed: Object.fromEntries(this.socketsClosed),
      refused: Object.fromEntries(this.refused),
      arbiterCpuMs: this.arbiterCpuMs,
    };
  }

  /** Adds what another arbiter has counted. */
  add(record: SumsRecord): void {
    this.addRequests(record.requests, record.bucketsMs);
    for (const [slot, { requests, cpuMs, restarts }] of record.slots) {
      const sums = this.slot(slot);
      sums.requests += requests;
      sums.cpuMs += cpuMs;
      sums.restarts += restarts;
    }
    addAll(this.exits, record.exits);
    addAll(this.reloads, record.reloads);
    addAll(this.logLines, record.logLines);
    this.addSockets(record.socketsOpened, record.socketsClosed);
    addAll(this.refused, record.refused ?? {});
    this.arbiterCpuMs += record.arbiterCpuMs;
  }

  addRefused(counts: readonly RefusedCount[]): void {
    for (const [reason, status, count] of counts) {
      addAll(this.refused, { [`${reason} ${status}`]: count });
    }
  }

  /** Adds WebSockets that were opened, and that ended. */
  addSockets(
    opened: number = 0,
    closed: Readonly<Record<string, number>> = {},
  ): void {
    this.socketsOpened += opened;
    addAll(this.socketsClosed, closed);
  }

  #rowOf(method: string, status: number): RequestSums {
    let methods = this.#requests.get(status);
    if (methods === undefined) {
      this.#requests.set(status, methods = new Map());
    }
    let row = methods.get(method);
    if (row === undefined) {
      const counts = new Array<number>(this.#bucketsMs.length + 1).fill(0);
      methods.set(method, row = { method, status, sumMs: 0, counts });
    }
    return row;
  }
}

/** Adds one to a count of a name. */
export function countOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function addAll(
  counts: Map<string, number>,
  more: Readonly<Record<string, number>>,
): void {
  for (const [name, count] of Object.entries(more)) {
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
}

function sameBounds(one: readonly number[], other: readonly number[]): boolean {
  return one === other ||
    (one.length === other.length &&
      one.every((bound, index) => bound === other[index]));
}
