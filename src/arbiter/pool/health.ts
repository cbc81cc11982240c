/** Limits of time: boot, silence, drain; and when the next one is due. */
import { bootTime } from "./boot-pace.ts";
import { kill } from "./children.ts";
import { closeTime } from "./closing.ts";
import { releaseTimes } from "./queues.ts";
import { examineDeadline, examineSilent, isInspected } from "./silence.ts";
import { addNote, amend } from "./state.ts";
import type { Child, Draft, Moment, PoolState } from "./state.ts";

/** Busy and silent for longer: a sibling takes the queues, whether anything waits there or not. Beats come every 250 ms. */
const LATE_MS = 600;
/** From ABRT to KILL. */
const ABORT_GRACE_MS = 1000;
/** How long a worker may take to exit when it was told to. */
export const QUIT_GRACE_MS = 2000;
/** What a draining worker gets beyond the graceful timeout, to end itself. */
const DRAIN_MARGIN_MS = 1000;

/** When something must be done about a child, Infinity for never. */
export function deadlineOf(child: Child): number {
  if (child.killed) return Infinity;
  const { since, limits } = child;
  switch (child.phase) {
    case "booting":
      return isInspected(child) ? Infinity : since + limits.bootMs;
    case "ready": {
      const silence = silenceDeadline(child);
      return Math.min(silence, lateDeadline(child), examineDeadline(child));
    }
    case "draining":
      return Math.min(
        silenceDeadline(child),
        drainDeadline(child),
        examineDeadline(child),
      );
    case "ending":
      return since + QUIT_GRACE_MS;
  }
}

/** When a child that should beat is taken for blocked, or was long enough. */
function silenceDeadline(child: Child): number {
  const { abortedAt, lastBeat, limits } = child;
  if (isInspected(child)) return Infinity;
  if (abortedAt !== undefined) return abortedAt + ABORT_GRACE_MS;
  return limits.silenceMs > 0 ? lastBeat + limits.silenceMs : Infinity;
}

function drainDeadline({ since, held, limits }: Child): number {
  // It writes its memory down, which has a limit of its own.
  if (held) return Infinity;
  return since + limits.gracefulMs + DRAIN_MARGIN_MS;
}

/** When a busy child is late; Infinity where it need not beat soon, or is late already. */
function lateDeadline({ busy, late, lastBeat }: Child): number {
  return busy && !late ? lastBeat + LATE_MS : Infinity;
}

/** Does what is due for every child. */
export function enforce(draft: Draft, { now }: Moment): void {
  for (const child of draft.children) {
    if (now >= deadlineOf(child)) enforceChild(draft, child, now);
  }
}

function enforceChild(draft: Draft, child: Child, now: number): void {
  const { phase, age, abortedAt } = child;
  if (phase === "ending") return kill(draft, child);
  if (phase === "booting") {
    addNote(draft, { about: "boot-timeout", child });
    return kill(draft, child);
  }
  if (phase === "draining" && now >= drainDeadline(child)) {
    addNote(draft, { about: "overdue", child });
    return kill(draft, child);
  }
  if (now < silenceDeadline(child)) {
    if (phase === "ready" && now >= lateDeadline(child)) {
      amend(draft, age, { late: true });
      addNote(draft, { about: "late", child });
    }
    return examineSilent(draft, child, now);
  }
  if (abortedAt !== undefined) return kill(draft, child);
  addNote(draft, { about: "silent", child, ms: now - child.lastBeat });
  amend(draft, age, { abortedAt: now, late: true, examined: Infinity });
  draft.actions.push({ type: "abort", age });
}

/** The longest time for which the arbiter may rest: what it stood still is known to so much. */
export function pulseMs({ limits, children }: PoolState): number {
  let shortest = limits.silenceMs || Infinity;
  for (const { limits: { silenceMs } } of children) {
    if (silenceMs > 0 && silenceMs < shortest) shortest = silenceMs;
  }
  return Math.max(50, Math.min(1000, shortest / 8));
}

/** The next moment after `now` at which `tick` would change something, Infinity for none. */
export function nextDeadline(state: PoolState, now: number): number {
  let next = Infinity;
  const consider = (time: number) => {
    if (time > now && time < next) next = time;
  };
  for (const child of state.children) consider(deadlineOf(child));
  for (const slot of state.slots) consider(slot.notBefore);
  consider(state.countAt);
  consider(closeTime(state));
  consider(bootTime(state, now));
  for (const due of releaseTimes(state)) consider(due);
  if (state.stop !== undefined) {
    consider(state.stop.drainAt);
    consider(state.stop.deadline);
  }
  return next;
}
