/** What may happen to the pool. */
import type { Limits, Sockets } from "./child-record.ts";

/** How a child's process ended. */
export interface Exit {
  readonly code?: number;
  readonly signal?: string;
  readonly error?: Error;
  /** It could not be killed and is waited for no longer. */
  readonly abandoned?: boolean;
}

/** graceful: drain, then exit. quick: exit now. */
export type StopMode = "graceful" | "quick";

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
