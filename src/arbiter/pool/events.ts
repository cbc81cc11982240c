/** What an event changes in the state of the pool, before anything is decided. */
import { afterFailure } from "./backoff.ts";
import {
  drainChild,
  isOnTrial,
  kill,
  setSlotRecord,
  slotRecord,
} from "./children.ts";
import { judgeTrial } from "./trial.ts";
import { fit, fixSize, freeSize } from "./fitting.ts";
import { EXIT_BOOT_FAILED } from "../../protocol/messages.ts";
import { hastenCount, noteCounts } from "./backlog-watch.ts";
import { noteOpened, ownQueue, prolong } from "./queues.ts";
import { askReload, failRollout, startRollout } from "./rollout.ts";
import { isSlow } from "./silence.ts";
import { addNote, amend, isLive } from "./state.ts";
import type { Child, Draft, Exit, Moment, PoolEvent } from "./state.ts";
import { beginStop } from "./stop.ts";

/** A worker that ends so soon after it was ready makes its roll-out fail. */
const UNPROVEN_MS = 1000;

/** The longest wait of a slot when no worker serves or boots. */
const EMPTY_POOL_MS = 1000;
/** Between two beats of a busy worker whose event loop stood still meanwhile. */
const BLOCKED_MS = 300;

/** Takes an event into the state. */
export function apply(draft: Draft, event: PoolEvent, moment: Moment): void {
  switch (event.type) {
    case "tick":
      return;
    case "ready":
      return becomeReady(draft, event.age, moment);
    case "closed":
      return noteClosed(draft, event.age);
    case "beat":
      return noteBeat(draft, event, moment);
    case "recycle":
      return retire(draft, event, moment);
    case "hold":
      return amend(draft, event.age, {
        held: event.held,
        lastBeat: moment.now,
      });
    case "kill":
      return killByOrder(draft, event.age);
    case "queues-counted":
      return noteCounts(draft, event, moment);
    case "exited":
      return bury(draft, event, moment);
    case "reload":
      return askReload(draft, moment);
    case "roll-out":
      return startRollout(draft, event, moment);
    case "load":
      return fit(draft, event.sample, moment);
    case "answers":
      return judgeTrial(draft, event, moment);
    case "resize":
      return fixSize(draft, { by: event.by, least: 1 });
    case "scale": {
      const { to } = event;
      return to === "auto"
        ? freeSize(draft)
        : fixSize(draft, { by: -Infinity, least: Math.max(1, to) });
    }
    case "pause":
      return pause(draft, moment);
    case "stop":
      return beginStop(draft, event, moment);
  }
}

function childOf(draft: Draft, age: number): Child | undefined {
  return draft.children.find((child) => child.age === age);
}

function becomeReady(draft: Draft, age: number, { now }: Moment): void {
  const child = childOf(draft, age);
  if (child?.phase !== "booting" || child.killed) return;
  const { slot, sockets } = child;
  const queues = sockets.queues === 0 ? [] : [ownQueue(slot, sockets.queues)];
  amend(draft, age, { phase: "ready", since: now, lastBeat: now, queues });
  draft.everReady = true;
  addNote(draft, { about: "ready", child, tookMs: now - child.since });
  const { canary } = draft.rollout ?? {};
  if (canary === undefined || !isOnTrial(draft, child)) return;
  addNote(draft, { about: "canary", child, forMs: canary.forMs });
}

/** Believes it of those that were told to go. */
function noteClosed(draft: Draft, age: number): void {
  const child = childOf(draft, age);
  if (child !== undefined && !isLive(child)) {
    amend(draft, age, { closed: true });
  }
}

function noteBeat(
  draft: Draft,
  { age, busy, blockedMs = 0 }: PoolEvent & { type: "beat" },
  moment: Moment,
): void {
  const { now } = moment;
  const child = childOf(draft, age);
  // Beats after ABRT count for nothing: the worker is about to end.
  if (child === undefined || child.abortedAt !== undefined) return;
  if (child.busy && now - child.lastBeat > BLOCKED_MS) {
    prolong(draft, child, moment);
  }
  hastenCount(draft, moment);
  // Both clocks must say so: the worker may have been stopped as a whole, or the arbiter.
  if (isSlow(child, Math.min(blockedMs, now - child.lastBeat))) {
    addNote(draft, { about: "slow", child, ms: blockedMs });
  }
  amend(draft, age, { lastBeat: now, busy, late: false, examined: 0 });
}

function retire(
  draft: Draft,
  { age, kind, reason, failure, now = false }: PoolEvent & { type: "recycle" },
  moment: Moment,
): void {
  const child = childOf(draft, age);
  if (child?.phase !== "ready" || (child.retiring && !now)) return;
  if (now) drainChild(draft, child, moment.now);
  else amend(draft, age, { retiring: true });
  if (failure) noteFailure(draft, child, moment);
  if (draft.stop === undefined) {
    addNote(draft, { about: "recycle", child, kind, reason, now });
  }
  if (isOnTrial(draft, child)) {
    if (!failure && !now) return;
    const why = kind === "order"
      ? "it was told to go"
      : `it had to be replaced: ${reason}`;
    return failRollout(draft, moment, { child, why });
  }
  // Code that cannot go on as soon as it serves must not replace code that works.
  if (failure && isUnproven(draft, child, moment)) {
    failRollout(draft, moment, { child, reason });
  }
}

/** True for a worker of a roll-out that serves for too short a time to speak for its code. */
function isUnproven(
  { rollout }: Draft,
  { generation, since }: Child,
  { now }: Moment,
): boolean {
  return rollout?.generation === generation && now - since < UNPROVEN_MS;
}

function killByOrder(draft: Draft, age: number): void {
  const child = childOf(draft, age);
  if (child !== undefined && !child.killed) kill(draft, child);
}

/** Counts a failure of a slot and gives the wait until its next spawn. */
function noteFailure(draft: Draft, child: Child, moment: Moment): number {
  const servedMs = child.phase === "ready" ? moment.now - child.since : 0;
  const failed = afterFailure(slotRecord(draft, child.slot), servedMs, moment);
  const soon = moment.now + EMPTY_POOL_MS;
  // Where no other worker is left, and none comes soon, the next one does, however often it failed.
  const record = {
    ...failed,
    notBefore: Math.min(
      failed.notBefore,
      hasOthers(draft, child, soon) ? Infinity : soon,
    ),
  };
  setSlotRecord(draft, child.slot, record);
  return record.notBefore - moment.now;
}

/** True where other slots have workers that live, or will be given one by then. */
function hasOthers(draft: Draft, { age, slot }: Child, by: number): boolean {
  if (draft.children.some((one) => one.age !== age && isLive(one))) return true;
  const { slots, wanted } = draft;
  return slots.some(({ failures, notBefore }, index) =>
    failures > 0 && notBefore <= by && index < wanted && index + 1 !== slot
  );
}

function bury(
  draft: Draft,
  { age, exit }: { age: number; exit: Exit },
  moment: Moment,
): void {
  const child = childOf(draft, age);
  if (child === undefined) return;
  draft.children = draft.children.filter((other) => other.age !== age);
  noteOpened(draft, child);
  if (child.phase === "draining" || child.phase === "ending") {
    return addNote(draft, {
      about: "left",
      child,
      exit,
      tookMs: moment.now - child.since,
    });
  }
  const stops = draft.stop !== undefined;
  if (child.phase === "ready") {
    const delayMs = stops ? 0 : noteFailure(draft, child, moment);
    addNote(draft, { about: "crash", child, exit, delayMs });
    // Neither must code whose workers die as soon as they serve.
    if (isUnproven(draft, child, moment) || isOnTrial(draft, child)) {
      failRollout(draft, moment, { child, exit });
    }
    return;
  }
  if (stops) return;
  if (draft.rollout?.generation === child.generation) {
    addNote(draft, { about: "boot-failed", child, exit, delayMs: 0 });
    return failRollout(draft, moment, { child, exit });
  }
  if (!draft.everReady) {
    draft.bootFailure ??= exit.failure ?? (exit.code || EXIT_BOOT_FAILED);
  }
  addNote(draft, {
    about: "boot-failed",
    child,
    exit,
    delayMs: noteFailure(draft, child, moment),
  });
}

/** Lets all workers go; a roll-out ends with what it has reached, and none follows it. */
function pause(draft: Draft, moment: Moment): void {
  if (draft.stop !== undefined) return;
  draft.reloadAgain = false;
  failRollout(draft, moment);
  draft.paused = true;
  addNote(draft, { about: "paused" });
}
