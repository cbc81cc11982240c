/** The workers and the pools of tasks, and how they are doing, a line each. */
import { sum } from "../../base/sum.ts";
import type { Status, WorkerStatus } from "../snapshot.ts";
import type { RequestFacts } from "../subject.ts";
import { bytesText, countText, partText, shortTime, span } from "./text.ts";
import { threadsText } from "./threads.ts";

/** A request that is open for so long is named. */
const NAMED_MS = 500;

const HEADING = [
  "WORKER",
  "PID",
  "GEN",
  "STATE",
  "FOR",
  "REQ/S",
  "OPEN",
  "WS",
  "THREADS",
  "P99",
  "LAG",
  "CPU",
  "MEMORY",
  "RESTARTS",
  "OLDEST REQUEST",
];

/** What is left out where there is none. */
const SOCKETS = HEADING.indexOf("WS");
const THREADS = HEADING.indexOf("THREADS");

/** A worker, and the request that blocks it where it is too late to tell of any itself. */
export type ShownWorker = WorkerStatus & {
  readonly blockedBy?: Pick<RequestFacts, "method" | "path" | "ms" | "thread">;
};

/** Adds what blocks those that are late. */
export function withBlocking(
  status: Status,
  requests: readonly RequestFacts[],
): Status {
  const workers = status.workers.map((worker): ShownWorker => {
    const blockedBy = worker.state === "late"
      ? requests.find(({ state, worker: { age } }) =>
        state === "running" && age === worker.age
      )
      : undefined;
    return blockedBy === undefined ? worker : { ...worker, blockedBy };
  });
  return { ...status, workers };
}

/** Rows for `table()`, the heading first; WebSockets, threads and the oldest request only where there are any. */
export function workerRows(
  workers: readonly ShownWorker[],
  restartsText: (worker: WorkerStatus) => string,
): string[][] {
  const rows = [
    HEADING,
    ...workers.map((worker) => {
      const { live } = worker;
      return [
        String(worker.slot),
        String(worker.pid ?? "-"),
        String(worker.generation),
        worker.state,
        span(worker.stateMs),
        countText(live?.perSecond),
        openText(worker),
        String(live?.websockets ?? 0),
        threadsText(worker),
        shortTime(live?.p99Ms),
        shortTime(live?.lagMs),
        partText(live?.cpu),
        bytesText(live?.rssBytes),
        restartsText(worker),
        oldestText(worker),
      ];
    }),
  ];
  const left = new Set<number>();
  if (socketsOf(workers) === 0) left.add(SOCKETS);
  if (workers.every(({ live }) => live?.threads === undefined)) {
    left.add(THREADS);
  }
  if (rows.slice(1).every((row) => row.at(-1) === "")) {
    left.add(HEADING.length - 1);
  }
  return rows.map((row) => row.filter((_, column) => !left.has(column)));
}

/** WebSockets that are open in all of them; an older corn tells of none. */
export function socketsOf(
  workers: readonly Pick<WorkerStatus, "live">[],
): number {
  return sum(workers, ({ live }) => live?.websockets ?? 0);
}

/** Those that wait for their turn are told apart. */
function openText({ open, live }: WorkerStatus): string {
  const queued = live?.queued ?? 0;
  return queued === 0 ? String(open) : `${open}+${queued}`;
}

function oldestText({ live, blockedBy }: ShownWorker): string {
  const oldest = blockedBy ?? live?.oldest?.[0];
  if (oldest === undefined || oldest.ms < NAMED_MS) return "";
  const { method, path, ms, thread } = oldest;
  const where = thread === undefined ? "" : ` in thread ${thread}`;
  return `${method} ${path} for ${span(ms)}${where}`;
}

/** The same for pools of tasks. */
export function taskRows(pools: Status["tasks"]): string[][] {
  return [
    ["TASKS", "READY", "CALLS", "OPEN", "PIDS"],
    ...pools.map(({ name, pids, ready, wanted, calls, open }) => [
      name,
      `${ready} of ${wanted}`,
      String(calls),
      String(open),
      pids.join(" "),
    ]),
  ];
}
