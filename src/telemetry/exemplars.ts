/** A traced request for each bucket of durations: what took long can be looked at where traces are kept. */

/** One of them. */
export interface Exemplar {
  readonly traceId: string;
  /** How long it took. */
  readonly ms: number;
}

/** The slowest of a bucket. */
export type BucketExemplar = readonly [bucket: number, exemplar: Exemplar];

/** The same, and when it was told, in seconds since 1970. */
export interface DatedExemplar extends Exemplar {
  readonly at: number;
}

/** The parts of a traceparent: version, trace, parent, flags (W3C Trace Context, section 3.2). */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-([\da-f]{2})/;
const TRACE = /^(?!0{32})[\da-f]{32}$/;
const SAMPLED = 1;

export function isTraceId(text: unknown): text is string {
  return typeof text === "string" && TRACE.test(text);
}

/** The trace of a request that is traced, and kept: one that is not leads nowhere. */
export function traceOf(traceparent: string | undefined): string | undefined {
  const [, trace, flags = ""] = TRACEPARENT.exec(traceparent ?? "") ?? [];
  return isTraceId(trace) && (parseInt(flags, 16) & SAMPLED) === SAMPLED
    ? trace
    : undefined;
}

/** The last of each method, status and bucket. */
export class Exemplars {
  readonly #rows = new Map<string, Map<number, DatedExemplar>>();

  note(
    { method, status }: { readonly method: string; readonly status: number },
    exemplars: readonly BucketExemplar[],
    at: number,
  ): void {
    const key = `${method} ${status}`;
    let row = this.#rows.get(key);
    if (row === undefined) this.#rows.set(key, row = new Map());
    for (const [bucket, exemplar] of exemplars) {
      row.set(bucket, { ...exemplar, at });
    }
  }

  of(
    { method, status }: { readonly method: string; readonly status: number },
  ): ReadonlyMap<number, DatedExemplar> | undefined {
    return this.#rows.get(`${method} ${status}`);
  }

  /** Buckets are others from now on. */
  clear(): void {
    this.#rows.clear();
  }
}
