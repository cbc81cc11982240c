/** What the arbiter knows of its pool, what may happen to it, and what it may do. */

/**
 * `booting`: spawned, not ready. `ready`: serves. `draining`: was told to
 * finish what is open. `ending`: was told to exit or killed.
 */
export type Phase = "booting" | "ready" | "draining" | "ending";

/** The arbiter's record of one worker. Times are milliseconds that the arbiter has lived through. */
export interface Child {
  /** The number it got when spawned, rising by one. */
  readonly age: number;
  readonly slot: number;
  readonly generation: number;
  readonly phase: Phase;
  /** When the phase began. */
  readonly since: number;
  readonly lastBeat: number;
  /** Its last beat said that the next ones follow every 250 ms. */
  readonly busy: boolean;
  /** Busy and silent for longer than a beat may take. */
  readonly late: boolean;
  /** Silent for so long that its open requests were looked up. */
  readonly examined: boolean;
  /** Asked to be replaced: drains once another child is ready in its slot. */
  readonly retiring: boolean;
  /** When it was sent ABRT for its silence. */
  readonly abortedAt: number | undefined;
  /** Said of itself that it accepts no more. */
  readonly closed: boolean;
  /** Was sent KILL: nothing more can be done but wait. */
  readonly killed: boolean;
  /** Queues it accepts from. */
  readonly queues: readonly number[];
  /** What its generation lives under and listens on. */
  readonly limits: Limits;
  readonly sockets: Sockets;
}

/** How a slot's workers have fared. */
export interface SlotRecord {
  /** Failures in a row. */
  readonly failures: number;
  /** No spawn before this time. */
  readonly notBefore: number;
}

/** Limits in milliseconds. */
export interface Limits {
  readonly bootMs: number;
  /** 0 is off. */
  readonly silenceMs: number;
  readonly gracefulMs: number;
  readonly drainDelayMs: number;
  /** The slot whose worker may stand still for a debugger; undefined or 0 for none. */
  readonly inspected?: number;
}

/** The listening sockets of a generation. */
export interface Sockets {
  /** The same for generations that have the same sockets. */
  readonly id: number;
  /** Accept queues an address; 0 where workers bind for themselves. */
  readonly queues: number;
  /** Queues that its workers have descriptors of, where a reload has added some: in use once all workers have them. */
  readonly bound?: number;
  /** True where no worker has listened on any of them before: connections come to a queue only once one does. */
  readonly fresh: boolean;
}

/** What is known of one queue. */
export interface QueueRecord {
  /** Connections that waited in it at the last count. */
  readonly waiting: number;
  /** Until when the workers that took it over keep it. */
  readonly sharedUntil: number;
}

/** A roll-out of a new generation. */
export interface Rollout {
  readonly generation: number;
  readonly startedAt: number;
  /** Size and limits that come with it, in force once it has succeeded. */
  readonly wanted: number;
  readonly limits: Limits;
  readonly sockets: Sockets;
}

/** A roll-out that serves in every slot, until no worker of before accepts any more. */
export type Conclusion = Pick<Rollout, "generation" | "startedAt">;

/** graceful: drain, then exit. quick: exit now. */
export type StopMode = "graceful" | "quick";

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
  /** True after WINCH: no worker is wanted until the next reload. */
  readonly paused: boolean;
  readonly sockets: Sockets;
  /** Queues that a worker has accepted from, by the id of their sockets. */
  readonly opened: Readonly<Record<number, readonly number[]>>;
  /** What is known of each queue, by the id of their sockets. */
  readonly records: Readonly<Record<number, readonly QueueRecord[]>>;
  /** When to count what waits in the queues, Infinity for not at all. */
  readonly countAt: number;
  /** The next count follows one that found connections waiting. */
  readonly again: boolean;
  /** How long the last count took, in ms. */
  readonly countMs: number;
  /** True where the system does not tell what waits. */
  readonly blind: boolean;
  /** Children that may boot beyond the pool's size, in a roll-out or as replacements. */
  readonly surge: number;
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

/** How a child's process ended. */
export interface Exit {
  readonly code?: number;
  readonly signal?: string;
  readonly error?: Error;
  /** It could not be killed and is waited for no longer. */
  readonly abandoned?: boolean;
}

export type PoolEvent =
  | { readonly type: "tick" }
  | { readonly type: "ready"; readonly age: number }
  /** A child that was told to go accepts no more. */
  | { readonly type: "closed"; readonly age: number }
  | { readonly type: "beat"; readonly age: number; readonly busy: boolean }
  /** `failure` when it was an error that made the worker ask. */
  | {
    readonly type: "recycle";
    readonly age: number;
    readonly reason: string;
    readonly failure: boolean;
    /** True to let it drain before its replacement is ready. */
    readonly now?: boolean;
  }
  | { readonly type: "exited"; readonly age: number; readonly exit: Exit }
  /** How many connections wait in each queue, by the id of their sockets; undefined where the system does not tell. */
  | {
    readonly type: "queues-counted";
    readonly waiting: Readonly<Record<number, readonly number[]>> | undefined;
    /** How long the count took, in ms. */
    readonly ms: number;
  }
  /** A reload is asked for. */
  | { readonly type: "reload" }
  /** The new config is validated and its listeners are open. */
  | {
    readonly type: "roll-out";
    /** As before where it is left out. */
    readonly surge?: number;
    /** Undefined for twice the pool's size. */
    readonly maxDraining?: number | undefined;
    readonly wanted: number;
    readonly limits: Limits;
    readonly sockets: Sockets;
  }
  | { readonly type: "resize"; readonly by: 1 | -1 }
  | { readonly type: "pause" }
  | { readonly type: "scale"; readonly to: number }
  | {
    readonly type: "stop";
    readonly mode: StopMode;
    /** In place of the graceful timeout. */
    readonly timeoutMs?: number | undefined;
  };

/** Something a person should know. */
export type Note =
  | { readonly about: "ready"; readonly child: Child; readonly tookMs: number }
  | {
    readonly about: "crash";
    readonly child: Child;
    readonly exit: Exit;
    readonly delayMs: number;
  }
  | {
    readonly about: "boot-failed";
    readonly child: Child;
    readonly exit: Exit;
    readonly delayMs: number;
  }
  | { readonly about: "boot-timeout"; readonly child: Child }
  | { readonly about: "silent"; readonly child: Child; readonly ms: number }
  | { readonly about: "overdue"; readonly child: Child }
  | {
    readonly about: "crowded";
    readonly child: Child;
    /** How many may drain. */
    readonly most: number;
    readonly ms: number;
  }
  | {
    readonly about: "left";
    readonly child: Child;
    readonly exit: Exit;
    readonly tookMs: number;
  }
  | {
    readonly about: "recycle";
    readonly child: Child;
    readonly reason: string;
    readonly now: boolean;
  }
  | { readonly about: "late"; readonly child: Child }
  | {
    readonly about: "rollout";
    readonly generation: number;
    readonly wanted: number;
  }
  | {
    readonly about: "rolled-out";
    readonly generation: number;
    readonly tookMs: number;
  }
  | {
    readonly about: "rollout-failed";
    readonly generation: number;
    readonly tookMs: number;
    /** The child that failed; undefined where the roll-out was ended otherwise. */
    readonly cause: { readonly child: Child; readonly exit: Exit } | undefined;
    readonly kept: number;
    /** Children of the new generation that were ready before it failed, and stay. */
    readonly replaced: number;
  }
  | {
    readonly about: "rollout-superseded";
    readonly generation: number;
    readonly tookMs: number;
  }
  | { readonly about: "reload-queued" }
  | { readonly about: "resized"; readonly wanted: number }
  | { readonly about: "paused" };

export type Action =
  | {
    readonly type: "spawn";
    readonly age: number;
    readonly slot: number;
    readonly generation: number;
    /** The queue that it accepts from first. */
    readonly queue: number;
  }
  /** Accept from one more queue. */
  | { readonly type: "open"; readonly age: number; readonly queue: number }
  /** Accept from a queue no more. */
  | { readonly type: "release"; readonly age: number; readonly queue: number }
  /** Find out what a silent child has in hand. */
  | { readonly type: "examine"; readonly age: number }
  /** Count what waits in the queues: `queues-counted` follows. */
  | { readonly type: "count-queues" }
  /** Within so much time, where it is not the worker's own graceful timeout. */
  | {
    readonly type: "drain";
    readonly age: number;
    readonly withinMs?: number | undefined;
  }
  /** Gently, a child that has begun to serve meanwhile drains. */
  | { readonly type: "quit"; readonly age: number; readonly gently: boolean }
  | { readonly type: "abort"; readonly age: number }
  | { readonly type: "kill"; readonly age: number }
  | { readonly type: "note"; readonly note: Note }
  /** Read the config anew: a roll-out may begin. */
  | { readonly type: "reload" }
  /** Every child is gone and none is wanted. */
  | { readonly type: "exit"; readonly code: number };

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
