/** What can be done to a single child. */
import { FRESH_SLOT } from "./backoff.ts";
import { ownQueue } from "./queues.ts";
import { amend } from "./state.ts";
import type { Child, Draft, Moment, PoolState, SlotRecord } from "./state.ts";

/** Adds a child and asks for its process. */
export function spawn(
  draft: Draft,
  { slot, generation }: { slot: number; generation: number },
  { now }: Moment,
): void {
  const age = draft.nextAge++;
  const { limits, sockets } = draft.rollout?.generation === generation
    ? draft.rollout
    : draft;
  draft.children.push({
    age,
    slot,
    generation,
    phase: "booting",
    since: now,
    lastBeat: now,
    busy: false,
    late: false,
    examined: 0,
    held: false,
    retiring: false,
    abortedAt: undefined,
    closed: false,
    killed: false,
    queues: [],
    limits,
    sockets,
  });
  const queue = ownQueue(slot, sockets.queues);
  draft.actions.push({ type: "spawn", age, slot, generation, queue });
}

/** Tells a ready child to drain. */
export function drainChild(
  draft: Draft,
  child: Child,
  now: number,
  how: {
    readonly withinMs?: number | undefined;
    readonly last?: true;
    readonly cut?: true;
  } = {},
): void {
  const { withinMs, last, cut } = how;
  amend(draft, child.age, { phase: "draining", since: now });
  draft.actions.push({
    type: "drain",
    age: child.age,
    ...(withinMs !== undefined && { withinMs }),
    ...(last && { last }),
    ...(cut && { cut }),
  });
}

/** Tells a child to exit now; one that boots may accept already, and drains then unless it is to `cut`. */
export function dismiss(
  draft: Draft,
  child: Child,
  { now, cut = false }: { readonly now: number; readonly cut?: boolean },
): void {
  amend(draft, child.age, { phase: "ending", since: now });
  const gently = child.phase === "booting" && !cut;
  draft.actions.push({ type: "quit", age: child.age, gently });
}

/** Kills a child that did not end by itself; the phase stays, so its exit is still judged by it. */
export function kill(draft: Draft, child: Child): void {
  amend(draft, child.age, { killed: true });
  draft.actions.push({ type: "kill", age: child.age });
}

/** How a slot's workers have fared. */
export function slotRecord(draft: Draft, slot: number): SlotRecord {
  return draft.slots[slot - 1] ?? FRESH_SLOT;
}

/** Replaces a slot's record. */
export function setSlotRecord(
  draft: Draft,
  slot: number,
  record: SlotRecord,
): void {
  const slots = draft.slots.slice();
  while (slots.length < slot - 1) slots.push(FRESH_SLOT);
  slots[slot - 1] = record;
  draft.slots = slots;
}

/** How many boot beside a worker that still serves in their slot. */
export function surplusOf(draft: Draft): number {
  let surplus = 0;
  for (const child of draft.children) {
    if (child.phase === "booting" && servesSlot(draft, child.slot)) surplus++;
  }
  return surplus;
}

/** True when a ready worker has the slot, of any generation unless one is given. */
export function servesSlot(
  draft: Draft,
  slot: number,
  generation?: number,
): boolean {
  return draft.children.some((child) =>
    child.slot === slot && child.phase === "ready" &&
    (generation === undefined || child.generation === generation)
  );
}

/** True for a worker of a roll-out that is not judged yet: what serves beside it stays. */
export function isOnTrial(
  { rollout }: Pick<PoolState, "rollout">,
  { generation }: Child,
): boolean {
  return rollout?.canary !== undefined && rollout.generation === generation;
}

/** The generations that serve, will serve, or have a worker left. */
export function generationsOf(
  { over, generation, rollout, children }: PoolState,
): Set<number> {
  if (over) return new Set();
  return new Set([
    generation,
    rollout?.generation ?? generation,
    ...children.map((child) => child.generation),
  ]);
}
