/** The workers and how they are doing, a line each. */
import type { WorkerStatus } from "../snapshot.ts";
import { bytesText, countText, partText, shortTime, span } from "./text.ts";

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
  "P99",
  "LAG",
  "CPU",
  "MEMORY",
  "RESTARTS",
  "OLDEST REQUEST",
];

/** Rows for `table()`, the heading first; its last column only where there is something in it. */
export function workerRows(
  workers: readonly WorkerStatus[],
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
        shortTime(live?.p99Ms),
        shortTime(live?.lagMs),
        partText(live?.cpu),
        bytesText(live?.rssBytes),
        restartsText(worker),
        oldestText(worker),
      ];
    }),
  ];
  return rows.slice(1).some((row) => row.at(-1) !== "")
    ? rows
    : rows.map((row) => row.slice(0, -1));
}

/** Those that wait for their turn are told apart. */
function openText({ open, live }: WorkerStatus): string {
  const queued = live?.queued ?? 0;
  return queued === 0 ? String(open) : `${open}+${queued}`;
}

function oldestText({ live }: WorkerStatus): string {
  const [oldest] = live?.oldest ?? [];
  if (oldest === undefined || oldest.ms < NAMED_MS) return "";
  return `${oldest.method} ${oldest.path} for ${span(oldest.ms)}`;
}
