/** How many workers drain at a time: those of several reloads may, while streams are open. */
import { dismiss } from "./children.ts";
import { addNote } from "./state.ts";
import type { Child, Draft, Moment, PoolState } from "./state.ts";

/** Drains of so many times the pool's size go on side by side, unless a number is set. */
const TIMES = 2;

/** How many may drain at once; those of a pool that has become smaller count by the size that it had. */
export function mostDraining(state: PoolState): number {
  const { maxDraining, wanted, rollout } = state;
  if (maxDraining !== undefined) return maxDraining;
  const slots = drainingOf(state).map(({ slot }) => slot);
  return TIMES * Math.max(wanted, rollout?.wanted ?? 0, ...slots);
}

/** Those that drain, the first to have begun first. */
export function drainingOf({ children }: PoolState): Child[] {
  return children.filter(({ phase, killed }) => phase === "draining" && !killed)
    .sort((one, other) => one.since - other.since);
}

/** Cuts the drains that have lasted longest while there are too many: without the one of the highest slot fewer may go on. */
export function cutDrains(draft: Draft, { now }: Moment): void {
  for (;;) {
    const draining = drainingOf(draft);
    const most = mostDraining(draft);
    const [child] = draining;
    if (child === undefined || draining.length <= most) return;
    addNote(draft, { about: "crowded", child, most, ms: now - child.since });
    dismiss(draft, child, { now, cut: true });
  }
}
