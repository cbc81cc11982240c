/** How long answers took, as counts in buckets. */

export interface Bucketed {
  /** Upper bounds in milliseconds, rising. */
  readonly bounds: readonly number[];
  /** How many were in each, not in those before it; one more has what is longer than every bound. */
  readonly counts: readonly number[];
}

/** Of fewer answers the slowest hundredth is not known. */
const LEAST = 100;

/** Adds counts; those in other buckets take the place of what was before. */
export function added(
  one: Bucketed | undefined,
  { bounds, counts }: Bucketed,
): Bucketed {
  const same = one?.bounds.length === bounds.length &&
    one.bounds.every((bound, at) => bound === bounds[at]);
  if (!same) return { bounds, counts };
  return {
    bounds,
    counts: one.counts.map((count, at) => count + (counts[at] as number)),
  };
}

/**
 * The milliseconds within which 99 of 100 were done, as if those of a bucket
 * were spread evenly over it, at most the last bound; undefined where too few
 * were counted, or without bounds.
 */
export function p99Of(
  { bounds, counts }: Bucketed,
): number | undefined {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all < LEAST) return undefined;
  let left = all * 0.99;
  for (const [at, upper] of bounds.entries()) {
    const count = counts[at] as number;
    const lower = at === 0 ? 0 : bounds[at - 1] as number;
    if (left <= count) return lower + (upper - lower) * left / count;
    left -= count;
  }
  return bounds.at(-1);
}
