/** How long a slot waits before its next worker. */
import type { Moment, SlotRecord } from "./state.ts";

/** The wait after the second failure in a row. */
const FIRST_MS = 250;
/** The longest wait, before jitter. */
const LONGEST_MS = 30_000;
/** A worker that served this long was healthy: its death starts a new count. */
export const STABLE_MS = 10_000;

/** A worker that served this long did not die of its start. */
const SETTLED_MS = 1000;
/** The longest wait after such a one: else a few deaths would leave no worker to serve. */
const SETTLED_LONGEST_MS = 1000;

/** A slot that has never failed. */
export const FRESH_SLOT: SlotRecord = { failures: 0, notBefore: 0 };

/**
 * Counts a failure. The first is answered at once, the next ones after 0.25 s,
 * 0.5 s, 1 s … up to 30 s, or up to 1 s where the worker had served for one;
 * each 25 % more or less by chance, so that workers that fell together do not
 * rise together.
 */
export function afterFailure(
  slot: SlotRecord,
  servedMs: number,
  { now, random }: Moment,
): SlotRecord {
  const failures = servedMs >= STABLE_MS ? 1 : slot.failures + 1;
  if (failures === 1) return { failures, notBefore: now };
  const longest = servedMs >= SETTLED_MS ? SETTLED_LONGEST_MS : LONGEST_MS;
  const base = Math.min(longest, FIRST_MS * 2 ** (failures - 2));
  return { failures, notBefore: now + base * (0.75 + random() / 2) };
}
