/** The threads of workers that have several, in words. */
import type { ThreadState } from "../../exchange/thread-state.ts";
import type { WorkerStatus } from "../snapshot.ts";
import { shortTime } from "./text.ts";

/** How many a worker has; where some do not turn, how many do. */
export function threadsText({ live }: Pick<WorkerStatus, "live">): string {
  const all = live?.threads ?? [];
  const turning = all.filter(({ state }) => state === "turning").length;
  if (all.length === 0) return "-";
  return turning === all.length
    ? String(turning)
    : `${turning} of ${all.length}`;
}

/** True where one of a worker's threads does not turn. */
export function limps({ live }: Pick<WorkerStatus, "live">): boolean {
  return live?.threads?.some(({ state }) => state !== "turning") ?? false;
}

/** The threads of a worker, for `table()`. */
export function threadRows(threads: readonly ThreadState[]): string[][] {
  return [
    ["THREAD", "STATE", "REQUESTS", "OPEN", "LAG"],
    ...threads.map(({ thread, state, requests, open, lagMs }) => [
      String(thread),
      state,
      String(requests),
      String(open),
      shortTime(lagMs),
    ]),
  ];
}
