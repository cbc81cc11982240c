/** The decisions about the pool: `advance(state, event, moment)` gives the next state and what to do. */
import {
  dismiss,
  drainChild,
  isOnTrial,
  servesSlot,
  slotRecord,
  spawn,
  surplusOf,
} from "./children.ts";
import { cutDrains } from "./drains.ts";
import { mayBoot } from "./boot-pace.ts";
import { apply } from "./events.ts";
import { enforce } from "./health.ts";
import { planCount } from "./backlog-watch.ts";
import { coverQueues, growQueues, releaseQueues } from "./queues.ts";
import {
  announceRollout,
  CANARY_SLOT,
  concludeRollout,
  roll,
} from "./rollout.ts";
import { FRESH_SIZE } from "./rules/size.ts";
import type { SizeSettings } from "./rules/size.ts";
import { isLive } from "./state.ts";
import type {
  Action,
  Child,
  Draft,
  Limits,
  Moment,
  PoolEvent,
  PoolState,
  Sockets,
} from "./state.ts";
import { stopStep } from "./stop.ts";

/** How a pool begins. */
export interface PoolOptions {
  readonly wanted: number;
  readonly limits: Limits;
  readonly sockets: Sockets;
  readonly surge: number;
  /** How many may begin to boot at a time; any number unless given. */
  readonly bootsAtOnce?: number | undefined;
  readonly maxDraining?: number | undefined;
  readonly range?: SizeSettings | undefined;
}

/** A pool without children; the first `tick` spawns them. */
export function createPool(
  {
    wanted,
    limits,
    sockets,
    surge,
    bootsAtOnce = Infinity,
    maxDraining,
    range,
  }: PoolOptions,
): PoolState {
  return {
    limits,
    wanted,
    range,
    size: FRESH_SIZE,
    fixed: false,
    orders: undefined,
    sockets,
    opened: {},
    records: {},
    waits: { since: 0, count: 0, toldOf: 0 },
    countAt: Infinity,
    countFrom: Infinity,
    again: false,
    countMs: 0,
    blind: false,
    surge,
    bootsAtOnce,
    maxDraining,
    paused: false,
    generation: 1,
    lastGeneration: 1,
    nextAge: 1,
    children: [],
    slots: [],
    rollout: undefined,
    conclusion: undefined,
    reloadAgain: false,
    stop: undefined,
    everReady: false,
    bootFailure: undefined,
    over: false,
    actions: [],
  };
}

/** What follows from a state. */
export interface Step {
  readonly state: PoolState;
  readonly actions: readonly Action[];
}

/** Takes one event in and decides. */
export function advance(
  state: PoolState,
  event: PoolEvent,
  moment: Moment,
): Step {
  if (state.over) return { state, actions: [] };
  const draft: Draft = {
    ...state,
    children: state.children.slice(),
    actions: [],
  };
  apply(draft, event, moment);
  enforce(draft, moment);
  if (draft.stop !== undefined) {
    stopStep(draft, moment);
  } else {
    concludeRollout(draft);
    trim(draft, moment);
    roll(draft, moment);
    fill(draft, moment);
    cutDrains(draft, moment);
    announceRollout(draft, moment);
    giveUp(draft);
  }
  growQueues(draft, moment);
  coverQueues(draft, moment);
  releaseQueues(draft, moment);
  planCount(draft, moment);
  return { state: draft, actions: draft.actions };
}

/** Spawns into empty slots, and beside workers that asked to be replaced. */
function fill(draft: Draft, moment: Moment): void {
  if (draft.paused) return;
  // Until a first worker proves the app, a failed boot is not repeated: giveUp() decides.
  if (!draft.everReady && draft.bootFailure !== undefined) return;
  const { rollout } = draft;
  const tries = rollout?.canary !== undefined;
  for (let slot = 1; slot <= draft.wanted; slot++) {
    // Until a canary is judged its slot is the roll-out's.
    if (tries && slot === CANARY_SLOT) continue;
    if (
      draft.children.some((child) =>
        child.slot === slot && isLive(child) && !child.retiring
      )
    ) continue;
    // Replacements come a few at a time; an empty slot is filled at once.
    if (servesSlot(draft, slot) && surplusOf(draft) >= draft.surge) continue;
    if (moment.now < slotRecord(draft, slot).notBefore) continue;
    if (!mayBoot(draft, moment.now)) return;
    const rolls = rollout !== undefined && !tries && slot <= rollout.wanted;
    const generation = rolls ? rollout.generation : draft.generation;
    spawn(draft, { slot, generation }, moment);
  }
}

/** Lets go of children that a younger ready one has replaced, and of those beyond the pool's size. */
function trim(draft: Draft, { now }: Moment): void {
  const size = draft.paused
    ? 0
    : Math.max(draft.wanted, draft.rollout?.wanted ?? 0);
  for (const child of draft.children) {
    if (child.phase === "booting" && child.slot > size) {
      dismiss(draft, child, { now });
    }
    if (child.phase !== "ready") continue;
    if (child.slot > size || isReplaced(draft, child)) {
      drainChild(draft, child, now);
    }
  }
}

/** True when a younger child of the slot is ready, and not on trial. */
function isReplaced(draft: Draft, { slot, age }: Child): boolean {
  for (const other of draft.children) {
    if (
      other.slot === slot && other.age > age && other.phase === "ready" &&
      !isOnTrial(draft, other)
    ) return true;
  }
  return false;
}

/** Ends corn when the first generation is gone and no worker of it was ever ready. */
function giveUp(draft: Draft): void {
  if (
    draft.everReady || draft.bootFailure === undefined ||
    draft.children.length > 0
  ) return;
  draft.over = true;
  draft.actions.push({ type: "exit", code: draft.bootFailure });
}
