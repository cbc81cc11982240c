/** The roll-out of a new generation, gated by readiness. */
import {
  dismiss,
  drainChild,
  isOnTrial,
  servesSlot,
  slotRecord,
  spawn,
  surplusOf,
} from "./children.ts";
import { mayBoot } from "./boot-pace.ts";
import { closeTime, unclosed } from "./closing.ts";
import { rolloutSize } from "./fitting.ts";
import { addNote, isLive } from "./state.ts";
import type {
  Draft,
  Moment,
  PoolEvent,
  Rollout,
  RolloutCause,
} from "./state.ts";

/** The slot whose worker is the first of a roll-out. */
export const CANARY_SLOT = 1;

/**
 * Lets the config be read anew: at once, or after a roll-out that serves in part
 * already. One of which no worker is ready yet, or that is on trial, is given up
 * for what is there now: code that hangs in its import would hold up its own repair.
 */
export function askReload(draft: Draft, moment: Moment): void {
  if (draft.stop !== undefined) return;
  const { rollout, conclusion } = draft;
  draft.orders = undefined;
  if (conclusion || (rollout && hasServed(draft, rollout))) {
    draft.reloadAgain = true;
    return addNote(draft, { about: "reload-queued" });
  }
  supersede(draft, moment);
  draft.actions.push({ type: "reload" });
}

/** True once a worker of the roll-out was ready, and passed its trial where there is one. */
function hasServed(draft: Draft, { generation, canary }: Rollout): boolean {
  return canary === undefined &&
    draft.children.some((child) =>
      child.generation === generation && child.phase !== "booting" &&
      child.phase !== "ending"
    );
}

/** Gives up a roll-out that has replaced no worker yet, for another. */
function supersede(draft: Draft, { now }: Moment): void {
  const { rollout } = draft;
  if (rollout === undefined) return;
  draft.rollout = undefined;
  // The next one goes on from its size.
  draft.orders = { from: rollout.wanted, by: 0, least: 1, fixed: false };
  for (const child of draft.children) {
    if (child.generation !== rollout.generation) continue;
    if (child.phase === "booting") dismiss(draft, child, { now });
    if (child.phase === "ready") drainChild(draft, child, now);
  }
  addNote(draft, {
    about: "rollout-superseded",
    generation: rollout.generation,
    tookMs: now - rollout.startedAt,
  });
}

/** Begins a roll-out. */
export function startRollout(
  draft: Draft,
  event: PoolEvent & { type: "roll-out" },
  { now }: Moment,
): void {
  if (draft.stop !== undefined || draft.rollout !== undefined) return;
  const { limits, sockets, surge = draft.surge, maxDraining, range, canary } =
    event;
  const size = rolloutSize(draft, event);
  draft.surge = surge;
  draft.maxDraining = maxDraining;
  draft.paused = false;
  draft.lastGeneration++;
  draft.rollout = {
    generation: draft.lastGeneration,
    startedAt: now,
    ...size,
    limits,
    sockets: sockets.id === draft.sockets.id
      ? { ...draft.sockets, bound: sockets.queues }
      : sockets,
    range,
    // Without a worker that serves there is nothing to compare with.
    canary: draft.children.some(({ phase }) => phase === "ready")
      ? canary
      : undefined,
  };
  // A reload is a new start: what failed before may be mended now.
  draft.slots = [];
  addNote(draft, {
    about: "rollout",
    generation: draft.lastGeneration,
    wanted: size.wanted,
  });
}

/** Makes a generation the pool's own once a worker of it is ready in every slot. */
export function concludeRollout(draft: Draft): void {
  const { rollout } = draft;
  if (rollout === undefined || rollout.canary !== undefined) return;
  const { generation, wanted, limits, sockets, range, fixed } = rollout;
  for (let slot = 1; slot <= wanted; slot++) {
    if (!servesSlot(draft, slot, generation)) return;
  }
  draft.generation = generation;
  draft.wanted = wanted;
  draft.range = range;
  draft.fixed = fixed;
  draft.limits = limits;
  const { bound = 0, ...known } = sockets;
  // Every worker that accepts from now on has the descriptors of all queues.
  draft.sockets = { ...known, queues: Math.max(known.queues, bound) };
  draft.rollout = undefined;
  draft.conclusion = { generation, startedAt: rollout.startedAt };
}

/** Says that a roll-out is done, once no new connection can meet a worker of before. */
export function announceRollout(draft: Draft, { now }: Moment): void {
  const { conclusion } = draft;
  if (conclusion === undefined || now < closeTime(draft)) return;
  const { generation, startedAt } = conclusion;
  for (const child of unclosed(draft)) {
    if (child.phase === "draining") {
      addNote(draft, { about: "unclosed", child });
    }
  }
  draft.conclusion = undefined;
  addNote(draft, { about: "rolled-out", generation, tookMs: now - startedAt });
  repeat(draft);
}

/** Boots the new generation beside the old, a few at a time. */
export function roll(draft: Draft, moment: Moment): void {
  const { rollout } = draft;
  if (rollout === undefined) return;
  const { generation } = rollout;
  const last = rollout.canary === undefined ? rollout.wanted : CANARY_SLOT;
  for (const child of draft.children) {
    if (
      child.phase === "booting" && child.generation !== generation &&
      child.slot <= last
    ) dismiss(draft, child, moment);
  }
  for (let slot = 1; slot <= last; slot++) {
    const has = draft.children.some((child) =>
      child.slot === slot && child.generation === generation && isLive(child)
    );
    if (has || moment.now < slotRecord(draft, slot).notBefore) continue;
    if (servesSlot(draft, slot) && surplusOf(draft) >= draft.surge) continue;
    if (!mayBoot(draft, moment.now)) return;
    spawn(draft, { slot, generation }, moment);
  }
}

/**
 * Stops a roll-out after a failed boot: what still boots is ended, and every
 * worker that serves goes on, whichever its generation. A worker of the new one
 * that is ready has proved itself, and its predecessor has begun to drain:
 * ending it would only make the pool smaller. A canary that is not judged drains,
 * for its predecessor serves.
 */
export function failRollout(
  draft: Draft,
  { now }: Moment,
  cause?: RolloutCause,
): void {
  const { rollout } = draft;
  if (rollout === undefined) return;
  let replaced = 0;
  for (const child of draft.children) {
    if (child.generation !== rollout.generation) continue;
    if (child.phase === "booting") dismiss(draft, child, { now });
    if (child.phase !== "ready") continue;
    if (isOnTrial(draft, child)) drainChild(draft, child, now);
    else if (!child.retiring) replaced++;
  }
  draft.rollout = undefined;
  addNote(draft, {
    about: "rollout-failed",
    generation: rollout.generation,
    tookMs: now - rollout.startedAt,
    cause,
    kept: draft.generation,
    replaced,
  });
  repeat(draft);
}

function repeat(draft: Draft): void {
  if (!draft.reloadAgain) return;
  draft.reloadAgain = false;
  draft.actions.push({ type: "reload" });
}
