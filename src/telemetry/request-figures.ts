/** How many requests ended, by method and status, and how long they took: counted until they are told. */
import type { Exchange, ExchangeObserver } from "../exchange/exchange.ts";

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
}

/** Requests of one method and status. */
export interface RequestCounts {
  readonly method: string;
  readonly status: number;
  /** Milliseconds of all of them. */
  readonly sumMs: number;
  /** How many were in each bucket, not in those before it; the last has what is longer than every bound. */
  readonly counts: readonly number[];
}

/** The same while it is counted. */
interface Row {
  readonly method: number;
  readonly status: number;
  sumMs: number;
  readonly counts: Float64Array;
  /** True where something is in it. */
  touched: boolean;
}

/** Counts requests. A request costs two look-ups by number and a short search, and nothing is made for it. */
export class RequestFigures implements ExchangeObserver {
  readonly needs = {
    target: false,
    requestHeaders: false,
    responseHeaders: false,
    bytes: false,
    peer: false,
  };
  readonly #bounds: Float64Array;
  readonly #rows: (Row | undefined)[][];
  #touched: Row[] = [];

  constructor({ bucketsMs }: RequestFiguresPlan) {
    this.#bounds = Float64Array.from(bucketsMs);
    this.#rows = METHODS.map(() =>
      new Array<Row | undefined>(STATUSES).fill(undefined)
    );
  }

  onEnd({ method, status, ms }: Exchange): void {
    let index = METHODS.indexOf(method);
    if (index < 0) index = OTHER;
    const row = this.#rows[index]?.[status] ?? this.#createRow(index, status);
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
      return {
        method: METHODS[row.method] as string,
        status: row.status,
        sumMs,
        counts,
      };
    });
  }

  #createRow(method: number, status: number): Row {
    const counts = new Float64Array(this.#bounds.length + 1);
    const row = { method, status, sumMs: 0, counts, touched: false };
    const rows = this.#rows[method] as (Row | undefined)[];
    if (status >= 0 && status < STATUSES) rows[status] = row;
    return row;
  }
}
