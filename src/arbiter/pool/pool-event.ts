/** What may happen to the pool. */
import type { Answers, Unanswered } from "./rules/canary.ts";
import type { RecycleKind } from "../../protocol/messages.ts";
import type { Limits, Sockets } from "./child-record.ts";
import type { SizeSample, SizeSettings } from "./rules/size.ts";

/** How a child's process ended. */
export interface Exit {
  readonly code?: number;
  readonly signal?: string;
  readonly error?: Error;
  /** It could not be killed and is waited for no longer. */
  readonly abandoned?: boolean;
  /** What corn exits with for why it could not boot, where it said so: a process that fails may yet end by a signal. */
  readonly failure?: number;
}

/** graceful: drain, then exit. cut: cut what is open, let the apps end, then exit. quick: exit now. */
export type StopMode = "graceful" | "cut" | "quick";

/** How the first worker of a roll-out is judged before the others follow. */
export interface Canary {
  readonly forMs: number;
  /** What follows where too few requests came to tell. */
  readonly thin: "go" | "stop";
}

/** What a look at the workers has shown; the pool knows the rest. */
export type LoadSample = Pick<
  SizeSample,
  "busy" | "waiting" | "queued" | "rssEach" | "memoryFree"
>;

export type PoolEvent =
  | { readonly type: "tick" }
  | { readonly type: "ready"; readonly age: number }
  /** A child that was told to go accepts no more. */
  | { readonly type: "closed"; readonly age: number }
  | {
    readonly type: "beat";
    readonly age: number;
    readonly busy: boolean;
    /** How long its event loop was blocked before. */
    readonly blockedMs?: number | undefined;
  }
  /** `failure` when it was an error that made the worker ask. */
  | {
    readonly type: "recycle";
    readonly age: number;
    /** `order` where the worker did not ask for it. */
    readonly kind: RecycleKind | "order";
    readonly reason: string;
    readonly failure: boolean;
    /** True to let it drain before its replacement is ready. */
    readonly now?: boolean;
  }
  /** A child is to be killed. */
  | { readonly type: "kill"; readonly age: number }
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
    /** How many workers there are to be, where it is not for the load to decide. */
    readonly wanted: number;
    readonly limits: Limits;
    readonly sockets: Sockets;
    /** Left out where the size is `wanted`, whatever the load. */
    readonly range?: SizeSettings | undefined;
    readonly canary?: Canary | undefined;
  }
  /** How much the workers have to do. */
  | { readonly type: "load"; readonly sample: LoadSample }
  /** What was answered since a canary was ready, by the workers of before and by it. */
  | {
    readonly type: "answers";
    readonly old: Answers;
    readonly fresh: Answers;
    readonly unanswered?: Unanswered | undefined;
  }
  | { readonly type: "resize"; readonly by: 1 | -1 }
  /** A child's silence counts for nothing, or does again. */
  | { readonly type: "hold"; readonly age: number; readonly held: boolean }
  | { readonly type: "pause" }
  /** `auto` lets the load decide again. */
  | { readonly type: "scale"; readonly to: number | "auto" }
  | {
    readonly type: "stop";
    readonly mode: StopMode;
    /** In place of the graceful timeout. */
    readonly timeoutMs?: number | undefined;
  };
