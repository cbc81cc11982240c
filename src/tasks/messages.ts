/** What the frames of a call hold. */
import type { RemoteError } from "./errors.ts";

/** The variable that tells workers where the pools are, as JSON: from a pool's name to its socket. */
export const POOLS_VARIABLE = "CORN_TASKS";

export interface CallValue {
  readonly task: string;
  readonly args: readonly unknown[];
  /** When the caller gives up, by CLOCK_MONOTONIC, which all processes share; left out where it does not. */
  readonly until?: number | undefined;
}

export interface StartedValue {
  /** How long the task may run; 0 for any time. */
  readonly ms: number;
}

export type ErrorValue =
  | { readonly kind: "thrown"; readonly error: RemoteError }
  | { readonly kind: "timeout"; readonly ms: number };
