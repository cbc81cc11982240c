/** How many requests ended, by method and status, and how long they took: counted until they are told. */
import type {
  Exchange,
  ExchangeObserver,
  Needs,
} from "../exchange/exchange.ts";
import { traceOf } from "./exemplars.ts";
import type { BucketExemplar, Exemplar } from "./exemplars.ts";

/** The methods that are counted by their names (RFC 9110 section 9, RFC 5789); any other is `_OTHER`, as OpenTelemetry has it. */
export const METHODS: readonly string[] = [
  "GET",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "HEAD",
  "OPTIONS",
  "CONNECT",
  "TRACE",
  "_OTHER",
];
const OTHER = METHODS.length - 1;

/** Statuses are from 100 to 999. */
const STATUSES = 1000;

/** What is measured of requests. */
export interface RequestFiguresPlan {
  /** Upper bounds of the buckets of durations, in milliseconds, rising. */
  readonly bucketsMs: readonly number[];
  /** True to tell traces of slow requests. */
  readonly exemplars?: boolean;
}

/** Requests of one method and status. */
export interface RequestCounts {
  readonly method: string;
  readonly status: number;
  /** Milliseconds of all of them. */
  readonly sumMs: number;
  /** How many were in each bucket, not in those before it; the last has what is longer than every bound. */
  readonly counts: readonly number[];
  /** Traced requests, the slowest of each bucket; left out where there are none. */
  readonly exemplars?: readonly BucketExemplar[];
}

/** The same while it is counted. */
interface Row {
  readonly method: number;
  readonly status: number;
  sumMs: number;
  readonly counts: Float64Array;
  /** True where something is in it. */
  touched: boolean;
  exemplars: Map<number, Exemplar> | undefined;
}

/** Counts requests. A request costs two look-ups by number and a short search, and nothing is made for it. */
export class RequestFigures implements ExchangeObserver {
  readonly needs: Needs;
  readonly #bounds: Float64Array;
  readonly #rows: (Row | undefined)[][];
  #touched: Row[] = [];

  constructor({ bucketsMs, exemplars = false }: RequestFiguresPlan) {
    this.needs = {
      target: false,
      requestHeaders: exemplars,
      responseHeaders: false,
      bytes: false,
      peer: false,
    };
    this.#bounds = Float64Array.from(bucketsMs);
    this.#rows = METHODS.map(() =>
      new Array<Row | undefined>(STATUSES).fill(undefined)
    );
  }

  onEnd(exchange: Exchange): void {
    const { method, status, ms } = exchange;
    let index = METHODS.indexOf(method);
    if (index === -1) index = OTHER;
    const row = this.#rows[index]?.[status] ??
      this.#rowFor(index, statusOf(status));
    if (!row.touched) {
      row.touched = true;
      this.#touched.push(row);
    }
    row.sumMs += ms;
    const bounds = this.#bounds;
    const { length } = bounds;
    let bucket = 0;
    while (bucket < length && ms > (bounds[bucket] as number)) bucket++;
    (row.counts[bucket] as number)++;
    if (this.needs.requestHeaders) noteTrace(row, bucket, exchange);
  }

  /** True where something was counted that was not taken. */
  get any(): boolean {
    return this.#touched.length > 0;
  }

  /** What was counted since it was taken last. */
  take(): RequestCounts[] {
    const touched = this.#touched;
    this.#touched = [];
    return touched.map((row) => {
      const counts = Array.from(row.counts);
      // Microseconds are exact enough, and shorter.
      const sumMs = Math.round(row.sumMs * 1000) / 1000;
      row.counts.fill(0);
      row.sumMs = 0;
      row.touched = false;
      const exemplars = row.exemplars && [...row.exemplars];
      row.exemplars = undefined;
      return {
        method: METHODS[row.method] as string,
        status: row.status,
        sumMs,
        counts,
        ...(exemplars && { exemplars }),
      };
    });
  }

  #rowFor(method: number, status: number): Row {
    const rows = this.#rows[method] as (Row | undefined)[];
    return rows[status] ??= this.#createRow(method, status);
  }

  #createRow(method: number, status: number): Row {
    const counts = new Float64Array(this.#bounds.length + 1);
    return {
      ...{ method, status, sumMs: 0, counts, touched: false },
      exemplars: undefined,
    };
  }
}

/** What a Response of the app's own class says of itself may be none, as 99 or NaN, which the arbiter would not heed. */
function statusOf(status: number): number {
  return Number.isInteger(status) && status >= 100 && status < STATUSES
    ? status
    : 500;
}

/** Keeps the trace of a request that took longer than the others of its bucket. */
function noteTrace(row: Row, bucket: number, exchange: Exchange): void {
  const { ms } = exchange;
  if (ms <= (row.exemplars?.get(bucket)?.ms ?? -1)) return;
  const traceId = traceOf(exchange.requestHeader("traceparent"));
  if (traceId === undefined) return;
  (row.exemplars ??= new Map()).set(bucket, { traceId, ms });
}
