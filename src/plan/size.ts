/** How many workers there are to be: a number, or a range that the load decides in. */
import type { Settings } from "../config/table/types.ts";

/** Within what the load decides, and how patient it is. */
export interface SizePlan {
  readonly min: number;
  readonly max: number;
  readonly patienceMs: number;
}

export interface WorkersPlan {
  /** How many a start begins with. */
  readonly workers: number;
  /** Undefined where their number is set. */
  readonly range: SizePlan | undefined;
}

/** `available` is how many can run at once. */
export function planSize(
  { workers, shrinkAfter }: Pick<Settings, "workers" | "shrinkAfter">,
  available: number,
): WorkersPlan {
  if (workers === "auto") return { workers: available, range: undefined };
  if (typeof workers === "number") return { workers, range: undefined };
  const given = (end: number | "auto") => end === "auto" ? available : end;
  // What is written in digits counts where the machine has fewer processors, or more.
  const max = workers.max === "auto"
    ? Math.max(given(workers.min), available)
    : workers.max;
  const min = Math.min(given(workers.min), max);
  const range = { min, max, patienceMs: shrinkAfter * 1000 };
  return { workers: min, range };
}
