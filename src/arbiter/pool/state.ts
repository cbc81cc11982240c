/** What the arbiter knows of its pool. */
import type { Action, Note } from "./action.ts";
import type { Child, Limits, SlotRecord, Sockets } from "./child-record.ts";
import type { Canary, StopMode } from "./pool-event.ts";
import type { SizeSettings, SizeState } from "./rules/size.ts";

export type * from "./action.ts";
export type * from "./child-record.ts";
export type * from "./pool-event.ts";

/** What is known of one queue. */
export interface QueueRecord {
  /** Connections that waited in it at the last count. */
  readonly waiting: number;
  /** Until when the workers that took it over keep it. */
  readonly sharedUntil: number;
}

/** How often connections waited for a blocked worker. */
export interface WaitCount {
  readonly since: number;
  readonly count: number;
  /** The generation that it was told of last. */
  readonly toldOf: number;
}

/** A roll-out of a new generation. */
export interface Rollout {
  readonly generation: number;
  readonly startedAt: number;
  /** Size and limits that come with it, in force once it has succeeded. */
  readonly wanted: number;
  readonly limits: Limits;
  readonly sockets: Sockets;
  readonly range: SizeSettings | undefined;
  /** The size was set by hand since it was asked for. */
  readonly fixed: boolean;
  /** How its first worker is judged before the others follow; undefined where that is over, or not asked for. */
  readonly canary: Canary | undefined;
}

/** What was ordered of the size since the last reload was asked for: it holds for what that one begins, too. */
export interface SizeOrders {
  /** The size before. */
  readonly from: number;
  /** So many more are wanted, of any size, */
  readonly by: number;
  /** and no fewer than these. */
  readonly least: number;
  /** The load is to change it no more. */
  readonly fixed: boolean;
}

/** A roll-out that serves in every slot, until no worker of before accepts any more. */
export type Conclusion = Pick<Rollout, "generation" | "startedAt">;

export interface Stop {
  readonly mode: StopMode;
  /** When workers are told to drain; until then they still accept. */
  readonly drainAt: number;
  /** How long a drain may take, where it is not the workers' graceful timeout. */
  readonly graceMs?: number | undefined;
  /** When those still there are killed. */
  readonly deadline: number;
}

/** The whole state; plain data. */
export interface PoolState {
  readonly limits: Limits;
  /** The size the pool should have. */
  readonly wanted: number;
  /** Within what the load decides the size; undefined where a number is set. */
  readonly range: SizeSettings | undefined;
  /** What the load was like. */
  readonly size: SizeState;
  /** The size was set by hand: until a roll-out the load does not change it. */
  readonly fixed: boolean;
  readonly orders: SizeOrders | undefined;
  /** True after WINCH: no worker is wanted until the next reload. */
  readonly paused: boolean;
  readonly sockets: Sockets;
  /** Queues that a worker has accepted from, by the id of their sockets. */
  readonly opened: Readonly<Record<number, readonly number[]>>;
  /** What is known of each queue, by the id of their sockets. */
  readonly records: Readonly<Record<number, readonly QueueRecord[]>>;
  readonly waits: WaitCount;
  /** When to count what waits in the queues, Infinity for not at all. */
  readonly countAt: number;
  /** From when on a beat is enough for it. */
  readonly countFrom: number;
  /** The next count follows one that found connections waiting. */
  readonly again: boolean;
  /** How long the last count took, in ms. */
  readonly countMs: number;
  /** True where the system does not tell what waits. */
  readonly blind: boolean;
  /** Children that may boot beyond the pool's size, in a roll-out or as replacements. */
  readonly surge: number;
  /** Children that may begin to boot at a time. */
  readonly bootsAtOnce: number;
  /** Children that may drain at a time; undefined for twice the pool's size. */
  readonly maxDraining: number | undefined;
  /** The generation that new children belong to outside of a roll-out. */
  readonly generation: number;
  /** The highest generation number given so far. */
  readonly lastGeneration: number;
  readonly nextAge: number;
  readonly children: readonly Child[];
  /** Indexed by slot - 1. */
  readonly slots: readonly SlotRecord[];
  readonly rollout: Rollout | undefined;
  /** Never beside a roll-out. */
  readonly conclusion: Conclusion | undefined;
  /** A reload was asked for during a roll-out. */
  readonly reloadAgain: boolean;
  readonly stop: Stop | undefined;
  /** False until the first child ever becomes ready. */
  readonly everReady: boolean;
  /** Exit code of the first child that could not boot. */
  readonly bootFailure: number | undefined;
  /** True once `exit` was decided. */
  readonly over: boolean;
  /** What the last step decided. */
  readonly actions: readonly Action[];
}

/** The moment of a step. */
export interface Moment {
  readonly now: number;
  /** A number from 0 up to 1, for jitter. */
  random(): number;
}

/** A state being worked on. */
export type Draft = { -readonly [K in keyof PoolState]: PoolState[K] } & {
  children: Child[];
  actions: Action[];
};

/** Replaces a child's record, in its place. */
export function amend(draft: Draft, age: number, change: Partial<Child>): void {
  const index = draft.children.findIndex((child) => child.age === age);
  const child = draft.children[index];
  if (child !== undefined) draft.children[index] = { ...child, ...change };
}

/** Adds a note to the actions. */
export function addNote(draft: Draft, note: Note): void {
  draft.actions.push({ type: "note", note });
}

/** True for a child that serves or will: neither draining nor ending. */
export function isLive(child: Child): boolean {
  return child.phase === "booting" || child.phase === "ready";
}
