/** How long things took, counted in buckets that each are 9 % longer than the one before: of any number of them a part can be told to within 5 %. */

/** Buckets to each doubling. */
const FINE = 8;
/** The first bucket ends near a microsecond: 2 ** -10 ms. */
const OCTAVES_BELOW_ONE = 10;
/** The last one has all that is longer than four hours. */
export const DURATION_BUCKETS: number = FINE * 34;

/** How many were in a bucket. */
export type DurationCount = readonly [bucket: number, count: number];

/** The bucket of a duration in milliseconds. */
export function bucketOf(ms: number): number {
  const at = Math.floor((Math.log2(ms) + OCTAVES_BELOW_ONE) * FINE);
  // Of nothing, or less, there is no logarithm.
  if (!(at > 0)) return 0;
  return at < DURATION_BUCKETS ? at : DURATION_BUCKETS - 1;
}

/** The middle of a bucket, in milliseconds. */
export function middleOf(bucket: number): number {
  return 2 ** ((bucket + 0.5) / FINE - OCTAVES_BELOW_ONE);
}

export class Durations {
  readonly #counts = new Float64Array(DURATION_BUCKETS);

  note(ms: number): void {
    this.#counts[bucketOf(ms)]!++;
  }

  add(counts: readonly DurationCount[]): void {
    // One that is none has no place.
    for (const [bucket, count] of counts) this.#counts[bucket]! += count;
  }

  /** What was counted since it was taken last. */
  take(): DurationCount[] {
    const taken: DurationCount[] = [];
    for (const [bucket, count] of this.#counts.entries()) {
      if (count > 0) taken.push([bucket, count]);
    }
    this.#counts.fill(0);
    return taken;
  }

  /** The milliseconds within which a part of them was done, such as 0.99; undefined where there were none. */
  within(part: number): number | undefined {
    const counts = this.#counts;
    const all = counts.reduce((sum, count) => sum + count, 0);
    if (all === 0) return undefined;
    let left = Math.ceil(all * part);
    for (const [bucket, count] of counts.entries()) {
      left -= count;
      if (left <= 0) return middleOf(bucket);
    }
    return undefined;
  }
}
