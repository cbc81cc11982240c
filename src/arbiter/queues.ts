/** Which worker accepts from which queue. */
import type { Child, Draft, PoolState, Sockets } from "./state.ts";

/** The queue that a slot's worker opens at boot. */
export function ownQueue(slot: number, queues: number): number {
  return queues === 0 ? 0 : (slot - 1) % queues;
}

/** A queue to be opened by a child. */
export interface Takeover {
  readonly age: number;
  readonly queue: number;
}

/** True for a child that accepts now, from sockets of this id. */
export function accepts(child: Child, id: number): boolean {
  return child.phase === "ready" && !child.late && !child.killed &&
    child.sockets.id === id;
}

/** True when somebody accepts from the queue. */
export function isCovered(
  queue: number,
  id: number,
  children: readonly Child[],
): boolean {
  for (const child of children) {
    if (accepts(child, id) && child.queues.includes(queue)) return true;
  }
  return false;
}

/**
 * Finds the queues that nobody accepts from, because their worker boots again,
 * is late, drains or died, and gives each to the ready worker with the fewest.
 */
export function assign(
  id: number,
  queues: readonly number[],
  children: readonly Child[],
): readonly Takeover[] {
  const takeovers: Takeover[] = [];
  for (const queue of queues) {
    if (isCovered(queue, id, children)) continue;
    let least: { age: number; count: number } | undefined;
    for (const child of children) {
      if (!accepts(child, id)) continue;
      const { age } = child;
      const count = child.queues.length +
        takeovers.filter((takeover) => takeover.age === age).length;
      if (least === undefined || count < least.count) least = { age, count };
    }
    if (least !== undefined) takeovers.push({ age: least.age, queue });
  }
  return takeovers;
}

/** The queues that connections may wait in. */
export function queuesInUse(
  { opened }: Pick<PoolState, "opened">,
  { id, queues, fresh }: Sockets,
): readonly number[] {
  return fresh
    ? opened[id] ?? []
    : Array.from({ length: queues }, (_, queue) => queue);
}

/** Remembers that a child may have listened on the queue of its slot. */
export function noteOpened(draft: Draft, { slot, sockets }: Child): void {
  const queue = ownQueue(slot, sockets.queues);
  const opened = draft.opened[sockets.id] ?? [];
  if (opened.includes(queue)) return;
  draft.opened = { ...draft.opened, [sockets.id]: [...opened, queue] };
}

/** Carries the assignment out, for each set of sockets that is served. */
export function coverQueues(draft: Draft): void {
  for (const child of draft.children) {
    if (child.phase !== "booting" || child.killed) noteOpened(draft, child);
  }
  let done: number | undefined;
  for (const { sockets } of draft.children) {
    const { id, queues } = sockets;
    if (id === done || queues < 2) continue;
    done = id;
    const inUse = queuesInUse(draft, sockets);
    for (const takeover of assign(id, inUse, draft.children)) {
      take(draft, takeover);
    }
  }
}

function take(draft: Draft, { age, queue }: Takeover): void {
  const index = draft.children.findIndex((child) => child.age === age);
  const child = draft.children[index] as Child;
  draft.children[index] = { ...child, queues: [...child.queues, queue] };
  draft.actions.push({ type: "open", age, queue });
}
