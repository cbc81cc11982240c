/** The end of the pool. */
import { dismiss, drainChild, kill } from "./children.ts";
import { QUIT_GRACE_MS } from "./health.ts";
import { addNote } from "./state.ts";
import type { Draft, Moment, PoolEvent } from "./state.ts";

/** What workers get beyond the graceful timeout before they are killed. */
const STOP_MARGIN_MS = 1500;

/** Begins to stop; a second call ends everything now. */
export function beginStop(
  draft: Draft,
  { mode, timeoutMs }: Extract<PoolEvent, { type: "stop" }>,
  { now }: Moment,
): void {
  if (draft.stop !== undefined) {
    for (const child of draft.children) {
      if (!child.killed) kill(draft, child);
    }
    return;
  }
  const { drainDelayMs, gracefulMs } = draft.limits;
  draft.rollout = undefined;
  draft.conclusion = undefined;
  draft.reloadAgain = false;
  if (mode === "quick") {
    draft.stop = { mode, drainAt: now, deadline: now + QUIT_GRACE_MS };
    return;
  }
  const drainAt = mode === "cut" ? now : now + drainDelayMs;
  const deadline = drainAt + (timeoutMs ?? gracefulMs) + STOP_MARGIN_MS;
  draft.stop = { mode, drainAt, graceMs: timeoutMs, deadline };
  if (mode === "cut") {
    for (const { age, phase } of draft.children) {
      if (phase !== "draining") continue;
      draft.actions.push({ type: "drain", age, cut: true });
    }
    return;
  }
  if (timeoutMs === undefined) return;
  // Those that drain already can be given less time, not more.
  const withinMs = drainDelayMs + timeoutMs;
  for (const { age, phase } of draft.children) {
    if (phase !== "draining") continue;
    draft.actions.push({ type: "drain", age, withinMs });
  }
}

/** Tells children to go when it is time, and decides the exit once all are gone. */
export function stopStep(draft: Draft, { now }: Moment): void {
  const { stop } = draft;
  if (stop === undefined) return;
  for (const child of draft.children) {
    if (child.killed) continue;
    if (now >= stop.deadline) {
      addNote(draft, { about: "overdue", child });
      kill(draft, child);
    } else if (child.phase === "booting") {
      dismiss(draft, child, { now, cut: stop.mode !== "graceful" });
    } else if (stop.mode === "quick" && child.phase !== "ending") {
      dismiss(draft, child, { now, cut: true });
    } else if (child.phase === "ready" && now >= stop.drainAt) {
      const how = stop.mode === "cut"
        ? { cut: true } as const
        : { withinMs: stop.graceMs, last: true } as const;
      drainChild(draft, child, now, how);
    }
  }
  if (draft.children.length > 0) return;
  draft.over = true;
  draft.actions.push({ type: "exit", code: 0 });
}
