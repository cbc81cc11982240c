/**
 * Counts the connections that wait in the queues. A worker whose event loop is blocked, or
 * that gets no processor, leaves connections waiting while its siblings have
 * nothing to do; the kernel shows it sooner than the worker's silence does.
 */
import { countWait } from "./blocks.ts";
import { accepts, recordOf, take } from "./queues.ts";
import type {
  Child,
  Draft,
  Moment,
  PoolEvent,
  PoolState,
  QueueRecord,
} from "./state.ts";

/** Between two counts while any worker is busy and connections waited, or a queue is shared. */
const ALERT_MS = 50;
/** The same where there was no trouble lately, so that the beats, each 250 ms, bring it about: most of what the arbiter does under load is to wake. */
const CALM_MS = 300;
/** Until the second count where connections waited. */
const SOON_MS = 10;
/** A count that takes long is followed by a pause so many times as long, up to a limit: counting stays under a hundredth of a processor. */
const PAUSE_FACTOR = 100;
const MOST_PAUSE_MS = 500;
/** A beat wakes the arbiter: a count of which so much of the time has passed is made then. */
const EARLY = 1 / 2;

type Counted = PoolEvent & { type: "queues-counted" };

/** True while a worker is busy and one could accept from more queues. */
function isWatched({ blind, children }: PoolState): boolean {
  if (blind) return false;
  let busy = false;
  let free = false;
  for (const child of children) {
    const { sockets, queues } = child;
    if (child.phase !== "ready" || child.killed || sockets.queues < 2) continue;
    busy ||= child.busy;
    free ||= queues.length < sockets.queues;
  }
  return busy && free;
}

/** Asks for a count where one is due. */
export function planCount(draft: Draft, { now }: Moment): void {
  if (!isWatched(draft)) {
    if (draft.countAt < Infinity) forget(draft);
    draft.countAt = draft.countFrom = Infinity;
  } else if (draft.countAt === Infinity) {
    schedule(draft, { now, ms: ALERT_MS });
  } else if (now >= draft.countAt) {
    schedule(draft, { now, ms: periodOf(draft, now) });
    draft.actions.push({ type: "count-queues" });
  }
}

function schedule(
  draft: Draft,
  { now, ms }: { now: number; ms: number },
): void {
  draft.countAt = now + ms;
  draft.countFrom = now + ms * EARLY;
}

/** Where one worker blocked, it may do so again, and others with it. */
function periodOf({ records }: PoolState, now: number): number {
  const alert = Object.values(records).some((some) =>
    some.some(({ waiting, sharedUntil }) => waiting > 0 || sharedUntil > now)
  );
  return alert ? ALERT_MS : CALM_MS;
}

/** The last count says nothing about the next one, which may be long after. */
function forget(draft: Draft): void {
  const records: Record<number, QueueRecord[]> = {};
  for (const [id, some] of Object.entries(draft.records)) {
    records[Number(id)] = some.map((one) => ({ ...one, waiting: 0 }));
  }
  draft.records = records;
}

/** Gives each queue in which as many wait as before, or more, to one more worker. */
export function noteCounts(
  draft: Draft,
  { waiting, ms }: Counted,
  moment: Moment,
): void {
  if (waiting === undefined) {
    draft.blind = true;
    return;
  }
  let any = false;
  for (const [key, counts] of Object.entries(waiting)) {
    const id = Number(key);
    const stuck: number[] = [];
    const records = counts.map((count, queue) => {
      const record = recordOf(draft, id, queue);
      if (count > 0) any = true;
      if (record.waiting > 0 && count >= record.waiting) stuck.push(queue);
      return record.waiting === count ? record : { ...record, waiting: count };
    });
    draft.records = { ...draft.records, [id]: records };
    const able = draft.children.filter((child) =>
      accepts(child, id) && !child.queues.some((one) => stuck.includes(one))
    ).map(({ age }) => age);
    for (const queue of stuck) help(draft, { id, queue, able }, moment);
  }
  // A second count tells a queue that is not served from one that is long.
  draft.again = any && !draft.again;
  if (draft.again) schedule(draft, { now: moment.now, ms: SOON_MS });
  else rest(draft, ms, moment);
  draft.countMs = ms;
}

/** Puts the next count off where counting is slow (ALL-PROC-NET-TCP); a single slow one had to wait for a processor. */
function rest(draft: Draft, ms: number, { now }: Moment): void {
  const slow = Math.min(ms, draft.countMs) * PAUSE_FACTOR;
  const pause = now + Math.min(slow, MOST_PAUSE_MS);
  schedule(draft, { now, ms: periodOf(draft, now) });
  draft.countAt = Math.max(draft.countAt, pause);
  draft.countFrom = Math.max(draft.countFrom, pause);
}

/** Counts sooner where the arbiter is awake anyway. */
export function hastenCount(draft: Draft, { now }: Moment): void {
  if (!draft.again && now >= draft.countFrom) draft.countAt = now;
}

/** Gives a queue to one more worker, or to all that are able where one more was not enough. */
function help(
  draft: Draft,
  { id, queue, able }: { id: number; queue: number; able: readonly number[] },
  moment: Moment,
): void {
  const free = draft.children.filter(({ age, queues, sockets }) =>
    able.includes(age) && queue < sockets.queues && !queues.includes(queue)
  ).sort(byFreedom);
  const shared = recordOf(draft, id, queue).sharedUntil > moment.now;
  for (const { age } of shared ? free : free.slice(0, 1)) {
    take(draft, { age, queue }, moment);
  }
  if (free.length > 0) countWait(draft, moment);
}

/** Idle workers first; then the one with the fewest queues; then the one with the latest beat. */
function byFreedom(a: Child, b: Child): number {
  return Number(a.busy) - Number(b.busy) ||
    a.queues.length - b.queues.length || b.lastBeat - a.lastBeat;
}
