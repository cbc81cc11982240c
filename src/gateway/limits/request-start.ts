/** `X-Request-Start`: when a proxy got the request. */

/** A request does not wait longer than this; a greater difference is that of two clocks. */
const MAX_PLAUSIBLE_MS = 10 * 60_000;

/** From here on a number is milliseconds since 1970, or microseconds: as seconds it is thousands of years away. */
const LEAST_MS = 1e11;
const LEAST_US = 1e14;

/**
 * Milliseconds that a request has waited since the time in the header: seconds
 * with a fraction (nginx's `t=${msec}`), milliseconds (Heroku) or microseconds
 * (Apache's `t=%t`). 0 where there is none, or none that can be true.
 */
export function waitedMs(
  header: string | null | undefined,
  now: number,
): number {
  const [, digits] = /^(?:t=)?(\d{10,16}(?:\.\d{1,9})?)$/.exec(
    header?.trim() ?? "",
  ) ?? [];
  if (digits === undefined) return 0;
  const number = Number(digits);
  const start = number >= LEAST_US
    ? number / 1000
    : number >= LEAST_MS
    ? number
    : number * 1000;
  const ms = now - start;
  return ms > 0 && ms <= MAX_PLAUSIBLE_MS ? ms : 0;
}
