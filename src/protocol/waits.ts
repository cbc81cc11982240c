/** How long the two sides wait for each other. */

/** What is blocked when it is asked to record itself, and so long after, is not waited for. */
export const BLOCKED_MS = 5000;

/** What an arbiter gets to be ready, beyond the time its workers have to boot. */
const START_MARGIN_MS = 10_000;

/** How long whoever started an arbiter waits until it is ready; `bootMs` is `--boot-timeout`. */
export function startLimit(bootMs: number): number {
  return bootMs + START_MARGIN_MS;
}
