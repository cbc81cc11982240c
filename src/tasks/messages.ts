/** What the frames of a call hold. */
import type { RemoteError } from "./errors.ts";

/** The variable that tells workers of the pools, as JSON: from a pool's name to its `PoolFacts`. */
export const POOLS_VARIABLE = "CORN_TASKS";

/** What a client is told of a pool. */
export interface PoolFacts {
  /** Of its socket. */
  readonly path: string;
  /** Calls of one client that may wait; the queue, which has fewer places, refuses at a greater cost. */
  readonly most: number;
}

/** The variable that tells a process of a pool which pool it is of. */
export const POOL_VARIABLE = "CORN_TASK_POOL";

export interface CallValue {
  readonly task: string;
  readonly args: readonly unknown[];
  /** When the caller gives up, by the worker's clock; left out where that is not known or it does not. */
  readonly until?: number | undefined;
}

export interface BeforeValue {
  /** By the worker's clock. A process that hears the call later leaves it to others. */
  readonly at: number;
}

export interface StartedValue {
  /** How long the task may run; 0 for any time. */
  readonly ms: number;
  /** What its clock says, CLOCK_MONOTONIC, which the pool's processes share. The caller's may count from another moment. */
  readonly at: number;
}

export type ErrorValue =
  | { readonly kind: "thrown"; readonly error: RemoteError }
  | { readonly kind: "timeout"; readonly ms: number };
