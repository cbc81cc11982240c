/**
 * How many workers boot at a time. Starting a process blocks the arbiter, and
 * the longer the more of them want a processor: all of a large pool at once
 * would leave signals and messages unread until the last one is started, and
 * none ready before all are.
 */
import type { Child, PoolState } from "./state.ts";

/** So long a boot counts: an app that waits for others, such as a database, holds up no other worker. */
const FRESH_MS = 1000;

/** True where another worker may begin to boot. */
export function mayBoot(
  { children, bootsAtOnce }: PoolState,
  now: number,
): boolean {
  return freshBoots(children, now).length < bootsAtOnce;
}

/** When the next one may, by time alone; -Infinity where it may now. */
export function bootTime(
  { children, bootsAtOnce }: PoolState,
  now: number,
): number {
  const fresh = freshBoots(children, now);
  const first = fresh[fresh.length - bootsAtOnce];
  return first === undefined ? -Infinity : first.since + FRESH_MS;
}

/** Those that have just begun, the oldest first. */
function freshBoots(children: readonly Child[], now: number): Child[] {
  return children.filter(({ phase, since }) =>
    phase === "booting" && now < since + FRESH_MS
  );
}
