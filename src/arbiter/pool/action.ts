/** What the pool decides: what is to be done, and what the log is to say. */
import type { RecycleKind } from "../../protocol/messages.ts";
import type { Child } from "./child-record.ts";
import type { Exit } from "./pool-event.ts";

/** The child that made a roll-out fail: how it ended, or why its canary is bad. */
export type RolloutCause =
  | { readonly child: Child; readonly exit: Exit }
  /** A canary that did not pass. */
  | { readonly child: Child; readonly why: string }
  /** It had to be replaced as soon as it served. */
  | { readonly child: Child; readonly reason: string };

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
    readonly kind: RecycleKind | "order";
    readonly reason: string;
    readonly now: boolean;
  }
  | { readonly about: "late"; readonly child: Child }
  /** Connections waited for a blocked worker so often in so much time. */
  | {
    readonly about: "blocks-often";
    readonly times: number;
    readonly ms: number;
  }
  /** Its event loop was blocked for so long, and is not any more. */
  | { readonly about: "slow"; readonly child: Child; readonly ms: number }
  | {
    readonly about: "rollout";
    readonly generation: number;
    readonly wanted: number;
  }
  /** It is waited for no longer. */
  | { readonly about: "unclosed"; readonly child: Child }
  | {
    readonly about: "rolled-out";
    readonly generation: number;
    readonly tookMs: number;
  }
  | {
    readonly about: "rollout-failed";
    readonly generation: number;
    readonly tookMs: number;
    /** What failed; undefined where the roll-out was ended otherwise. */
    readonly cause: RolloutCause | undefined;
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
  /** A canary serves and is judged for so long. */
  | { readonly about: "canary"; readonly child: Child; readonly forMs: number }
  /** The roll-out goes on. */
  | {
    readonly about: "canary-passed";
    readonly child: Child;
    /** There were too few requests to tell. */
    readonly thin: boolean;
    readonly why: string;
    /** How much slower it is; undefined where it is not. */
    readonly slow?: string | undefined;
  }
  | {
    readonly about: "resized";
    readonly wanted: number;
    /** Why the load has changed it; undefined where it was set. */
    readonly why?: string | undefined;
    /** True where the load changes it no more, though it did. */
    readonly fixed?: boolean;
  }
  /** The load asks for another size than there can be. */
  | {
    readonly about: "size-held";
    readonly wanted: number;
    readonly why: string;
  }
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
  /** Find out what a silent child has in hand, and where it stands if it is asked to. */
  | {
    readonly type: "examine";
    readonly age: number;
    readonly stack: boolean;
  }
  /** Count what waits in the queues: `queues-counted` follows. */
  | { readonly type: "count-queues" }
  /** Within so much time, where it is not the worker's own graceful timeout. */
  | {
    readonly type: "drain";
    readonly age: number;
    readonly withinMs?: number | undefined;
    /** True where no other child will take what waits in the queue. */
    readonly last?: boolean;
    /** True to wait for nothing that is open. */
    readonly cut?: boolean;
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
