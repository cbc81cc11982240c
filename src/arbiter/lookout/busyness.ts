/** How busy the workers of a pool are, by what each has told last. */
import type { PoolState } from "../pool/state.ts";

/** What a worker has told of its last second. */
export interface WorkerLoad {
  /** When. */
  readonly at: number;
  /** The share of time for which it was at work; undefined where it has told once only. */
  readonly busy: number | undefined;
  /** Bytes of resident memory. */
  readonly rss: number;
  /** Requests that are open in it. */
  readonly open: number;
  /** Requests that wait in it for others to end. */
  readonly queued: number;
}

/** A worker that has not told for so long has nothing to do, or is late. */
const QUIET_MS = 1500;

/** The mean over the ready workers of whom it is known, undefined where it is of none; and how many requests wait in all of them. */
export function meanBusy(
  { children }: Pick<PoolState, "children">,
  loads: ReadonlyMap<number, WorkerLoad>,
  now: number,
): { busy: number | undefined; queued: number } {
  let [sum, known, queued] = [0, 0, 0];
  for (const { age, phase, late } of children) {
    const load = loads.get(age);
    if (phase !== "ready") continue;
    queued += load?.queued ?? 0;
    const busy = late
      ? 1
      : load !== undefined && now - load.at > QUIET_MS
      ? 0
      : load?.busy;
    if (busy === undefined) continue;
    known++;
    sum += Math.min(1, busy);
  }
  return { busy: known === 0 ? undefined : sum / known, queued };
}

/** Undefined where no worker has told. */
export function meanMemory(
  loads: ReadonlyMap<number, WorkerLoad>,
): number | undefined {
  let sum = 0;
  for (const { rss } of loads.values()) sum += rss;
  return loads.size === 0 ? undefined : sum / loads.size;
}
