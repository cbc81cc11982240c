/** When a silent child is looked into, so that what blocks it is known before it is told. */
import { amend } from "./state.ts";
import type { Child, Draft } from "./state.ts";

/** How long before its end a silent child is looked into, or at half its time: a search of its memory takes some 100 ms. */
const EXAMINE_MS = 3000;

/** A worker at rest beats once a second; an earlier look would wake the arbiter for each of them. */
const REST_MS = 2000;

/** At a breakpoint a worker gives no sign of life, nor while it writes its memory down. */
export function isInspected({ slot, limits, held }: Child): boolean {
  return held || limits.inspected === slot;
}

/** True where a block of so many milliseconds is worth a line. */
export function isSlow(child: Child, ms: number): boolean {
  const { slowMs } = child.limits;
  return slowMs > 0 && ms >= slowMs && !isInspected(child);
}

/** One look at a silent child. */
interface Look {
  /** After so much silence. */
  readonly atMs: number;
  /** True to ask where it stands, which takes the runtime's help. */
  readonly stack: boolean;
}

/** The looks at a silent child, in their order: that one request has the event loop in the first two shows that it blocks. */
function looksOf({ busy, limits: { slowMs, silenceMs } }: Child): Look[] {
  const looks: Look[] = [];
  if (slowMs > 0) {
    const rest = busy ? 0 : REST_MS;
    looks.push({ atMs: rest + slowMs / 2, stack: false });
    looks.push({ atMs: rest + slowMs, stack: true });
  }
  if (silenceMs > 0) {
    const atMs = Math.max(silenceMs / 2, silenceMs - EXAMINE_MS);
    looks.push({ atMs, stack: true });
  }
  return looks.sort((one, other) => one.atMs - other.atMs);
}

/** When a child is looked into next; Infinity for never. */
export function examineDeadline(child: Child): number {
  if (isInspected(child)) return Infinity;
  const next = looksOf(child)[child.examined];
  return next === undefined ? Infinity : child.lastBeat + next.atMs;
}

/** Looks into a child where that is due; as often as that, where an arbiter that is late finds more than one. */
export function examineSilent(draft: Draft, child: Child, now: number): void {
  if (now < examineDeadline(child)) return;
  const due = looksOf(child)
    .filter(({ atMs }) => child.lastBeat + atMs <= now)
    .slice(child.examined);
  const { age } = child;
  amend(draft, age, { examined: child.examined + due.length });
  for (const { stack } of due) {
    draft.actions.push({ type: "examine", age, stack });
  }
}
