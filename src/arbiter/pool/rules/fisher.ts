/** Fisher's exact test, one-sided: may a part of what was drawn have failed so often by chance alone? */

/** How many were drawn, and how many of them failed. */
export interface Counts {
  readonly requests: number;
  readonly failures: number;
}

/** A term so much smaller than the sum changes it no more. */
const NEGLIGIBLE = 1e-17;
/** From here on Stirling's series is exact to the last digits. */
const STIRLING_FROM = 16;

/**
 * The chance that as many of `fresh` fail as did, or more, where failures fall on
 * `old` and `fresh` alike: the upper tail of the hypergeometric distribution.
 */
export function chanceOf(fresh: Counts, old: Counts): number {
  const all = fresh.requests + old.requests;
  const failed = fresh.failures + old.failures;
  const most = Math.min(failed, fresh.requests);
  const least = Math.max(0, failed + fresh.requests - all);
  const seen = fresh.failures;
  if (seen <= least) return 1;
  // Each side of the peak is summed outwards, where the terms become smaller.
  const peak = failed * fresh.requests / Math.max(1, all);
  const passed = all - failed;
  const term = (count: number) =>
    Math.exp(
      logChoose(failed, count) + logChoose(passed, fresh.requests - count) -
        logChoose(all, fresh.requests),
    );
  let sum = 0;
  if (seen > peak) {
    for (let count = seen, next = term(seen); count <= most; count++) {
      sum += next;
      if (next <= sum * NEGLIGIBLE) break;
      next *= (failed - count) * (fresh.requests - count) /
        ((count + 1) * (passed - fresh.requests + count + 1));
    }
    return Math.min(1, sum);
  }
  for (let count = seen - 1, next = term(seen - 1); count >= least; count--) {
    sum += next;
    if (next <= sum * NEGLIGIBLE) break;
    next *= count * (passed - fresh.requests + count) /
      ((failed - count + 1) * (fresh.requests - count + 1));
  }
  return Math.max(0, 1 - sum);
}

/** The logarithm of the number of ways to choose so many of all. */
function logChoose(all: number, chosen: number): number {
  return logFactorial(all) - logFactorial(chosen) -
    logFactorial(all - chosen);
}

/** ln(n!), by Stirling's series (DLMF 5.11.1). */
export function logFactorial(n: number): number {
  let x = n + 1;
  let shift = 0;
  for (; x < STIRLING_FROM; x++) shift += Math.log(x);
  const inverse = 1 / x;
  const square = inverse * inverse;
  const series = inverse *
    (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series -
    shift;
}
