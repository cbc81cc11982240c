/** Which worker accepts from which queue. */
import { countWait } from "./blocks.ts";
import { amend } from "./state.ts";
import type {
  Child,
  Draft,
  Moment,
  PoolState,
  QueueRecord,
  Sockets,
} from "./state.ts";

/**
 * How long a queue that was taken over is kept. A worker that blocked once may
 * do so again; one that does not should soon have its connections to itself.
 */
const SHARE_MS = 5000;

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

/** True when a worker accepts from the queue. */
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
 * Finds the queues that no worker accepts from, because their worker boots again,
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
      const { age, sockets } = child;
      if (!accepts(child, id) || queue >= sockets.queues) continue;
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
  noteUse(draft, sockets.id, ownQueue(slot, sockets.queues));
}

function noteUse(draft: Draft, id: number, queue: number): void {
  const opened = draft.opened[id] ?? [];
  if (opened.includes(queue)) return;
  draft.opened = { ...draft.opened, [id]: [...opened, queue] };
}

/** Lets workers of the generation in force accept from queues that a reload has added: each from its own. */
export function growQueues(draft: Draft, moment: Moment): void {
  const { id, queues } = draft.sockets;
  for (const { age, slot, phase, generation, sockets } of draft.children) {
    if (
      phase !== "ready" || generation !== draft.generation ||
      sockets.id !== id || sockets.queues >= queues
    ) continue;
    amend(draft, age, { sockets: draft.sockets });
    const queue = ownQueue(slot, queues);
    const child = draft.children.find((one) => one.age === age) as Child;
    if (!child.queues.includes(queue)) take(draft, { age, queue }, moment);
  }
}

/** Carries the assignment out, for each set of sockets that is served. */
export function coverQueues(draft: Draft, moment: Moment): void {
  for (const child of draft.children) {
    if (child.phase !== "booting" || child.killed) noteOpened(draft, child);
  }
  const served = new Map<number, Sockets>();
  for (const { sockets } of draft.children) {
    const { queues = 1 } = served.get(sockets.id) ?? {};
    // Of workers on the same sockets some may not know of those that were added.
    if (sockets.queues > queues) served.set(sockets.id, sockets);
  }
  for (const [id, sockets] of served) {
    const inUse = queuesInUse(draft, sockets);
    for (const takeover of assign(id, inUse, draft.children)) {
      take(draft, takeover, moment);
    }
  }
}

/** Lets a child accept from one more queue, for a while. */
export function take(
  draft: Draft,
  { age, queue }: Takeover,
  { now }: Moment,
): void {
  const index = draft.children.findIndex((child) => child.age === age);
  const child = draft.children[index] as Child;
  draft.children[index] = { ...child, queues: [...child.queues, queue] };
  draft.actions.push({ type: "open", age, queue });
  noteUse(draft, child.sockets.id, queue);
  share(draft, child.sockets, { queue, until: now + SHARE_MS });
}

/** Lets the queue of a worker that blocks again and again stay shared. */
export function prolong(draft: Draft, child: Child, moment: Moment): void {
  const { now } = moment;
  const { slot, sockets } = child;
  const queue = ownQueue(slot, sockets.queues);
  if (recordOf(draft, sockets.id, queue).sharedUntil <= now) return;
  share(draft, sockets, { queue, until: now + SHARE_MS });
  countWait(draft, moment);
}

function share(
  draft: Draft,
  { id, queues }: Sockets,
  { queue, until }: { queue: number; until: number },
): void {
  const records = Array.from(
    { length: queues },
    (_, one) => recordOf(draft, id, one),
  );
  records[queue] = { ...recordOf(draft, id, queue), sharedUntil: until };
  draft.records = { ...draft.records, [id]: records };
}

/** What is known of a queue. */
export function recordOf(
  { records }: Pick<PoolState, "records">,
  id: number,
  queue: number,
): QueueRecord {
  return records[id]?.[queue] ?? { waiting: 0, sharedUntil: 0 };
}

/** A queue that a child holds besides its own while the owner accepts too, and until when it keeps it. */
interface Loan extends Takeover {
  readonly until: number;
}

function loans(state: Pick<PoolState, "children" | "records">): Loan[] {
  const found: Loan[] = [];
  for (const child of state.children) {
    const { age, queues, sockets } = child;
    if (queues.length < 2 || !accepts(child, sockets.id)) continue;
    for (const queue of queues) {
      if (owns(child, queue)) continue;
      const back = state.children.some((other) =>
        accepts(other, sockets.id) && owns(other, queue) &&
        other.queues.includes(queue)
      );
      if (!back) continue;
      const until = recordOf(state, sockets.id, queue).sharedUntil;
      found.push({ age, queue, until });
    }
  }
  return found;
}

function owns({ slot, sockets }: Child, queue: number): boolean {
  return ownQueue(slot, sockets.queues) === queue;
}

/** When queues that were taken over go back to their own workers. */
export function releaseTimes(state: PoolState): number[] {
  return loans(state).map(({ until }) => until);
}

/** Gives queues back whose own workers accept again. */
export function releaseQueues(draft: Draft, { now }: Moment): void {
  for (const { age, queue, until } of loans(draft)) {
    if (now < until) continue;
    const index = draft.children.findIndex((child) => child.age === age);
    const child = draft.children[index] as Child;
    const queues = child.queues.filter((one) => one !== queue);
    draft.children[index] = { ...child, queues };
    draft.actions.push({ type: "release", age, queue });
  }
}
