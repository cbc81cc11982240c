/** What must hold after every step; checked in tests, and in life where DEV is on. */
import { CornError } from "../../base/errors.ts";
import { isOnTrial } from "./children.ts";
import { drainingOf, mostDraining } from "./drains.ts";
import { accepts, isCovered, queuesInUse } from "./queues.ts";
import { isLive } from "./state.ts";
import type { Child, PoolState } from "./state.ts";

/** @throws CornError naming the rule that is broken. */
export function checkInvariants(state: PoolState): void {
  const { children, rollout, surge } = state;
  const size = Math.max(state.wanted, rollout?.wanted ?? 0);
  const live = children.filter(isLive);
  const canaries = live.filter((child) => isCanary(state, child)).length;
  expect(
    live.length <= size + surge + canaries && canaries <= 1,
    () => `${live.length} live children for a pool of ${size}`,
  );
  const draining = drainingOf(state).length;
  const most = mostDraining(state);
  expect(
    state.stop !== undefined || state.over || draining <= most,
    () => `${draining} children drain, not ${most} at most`,
  );
  expect(
    rollout === undefined || state.conclusion === undefined,
    () => "one roll-out begins before another is done",
  );
  let age = 0;
  for (const child of children) {
    expect(child.age > age, () => `age ${child.age} comes after ${age}`);
    age = child.age;
    expectSlotHeldOnce(state, child, live);
    expectWanted(state, child);
    if (accepts(child, child.sockets.id)) expectQueuesCovered(state, child);
  }
}

/** A slot has at most one worker that serves and one that will, beside a canary. */
function expectSlotHeldOnce(
  state: PoolState,
  { slot }: Child,
  live: readonly Child[],
): void {
  let ready = 0;
  let booting = 0;
  for (const child of live) {
    if (child.slot !== slot || isCanary(state, child)) continue;
    if (child.phase === "ready") ready++;
    else booting++;
  }
  expect(
    ready <= 1 && booting <= 1,
    () => `slot ${slot} has ${ready} ready and ${booting} booting children`,
  );
}

/** No worker boots of a generation whose roll-out has failed, or that was replaced. */
function expectWanted(
  { generation, rollout, stop }: PoolState,
  child: Child,
): void {
  if (child.phase !== "booting" || stop !== undefined) return;
  expect(
    child.generation === generation ||
      child.generation === rollout?.generation,
    () => `a worker of generation ${child.generation} boots`,
  );
}

/** While any worker accepts, each queue in which connections wait has a worker that accepts from it. */
function expectQueuesCovered(state: PoolState, { sockets }: Child): void {
  if (sockets.queues < 2) return;
  for (const queue of queuesInUse(state, sockets)) {
    expect(
      isCovered(queue, sockets.id, state.children),
      () => `nobody accepts from queue ${queue}`,
    );
  }
}

function isCanary(state: PoolState, child: Child): boolean {
  return child.phase === "ready" && isOnTrial(state, child);
}

function expect(holds: boolean, rule: () => string): void {
  if (!holds) throw new CornError(`Cannot go on: ${rule()}`);
}
