/** Which metrics there are of each slot's worker. */
import type { Family, Labels, Sample } from "./exposition.ts";
import { counter, gauge, seconds } from "./make-family.ts";
import type { WorkerNow } from "./pool-now.ts";
import type { Sums } from "./sums.ts";

/** Those of every slot. */
export function workerFamilies(
  sums: Sums,
  workers: readonly WorkerNow[],
): Family[] {
  return [
    gauge(
      "corn_worker_up",
      "1 where the slot's worker is ready and not late.",
      each(workers, ({ up }) => up ? 1 : 0),
    ),
    counter(
      "corn_worker_requests_total",
      "Requests that began in the slot's workers.",
      slots(sums, ({ requests }) => requests),
    ),
    gauge(
      "corn_worker_open_requests",
      "Requests that are open in the slot's worker.",
      each(workers, ({ open }) => open),
    ),
    gauge(
      "corn_worker_queued_requests",
      "Requests that wait in the slot's worker for their turn.",
      each(workers, ({ queued }) => queued),
    ),
    gauge(
      "corn_worker_websockets",
      "WebSockets that are open in the slot's worker.",
      each(workers, ({ sockets }) => sockets),
    ),
    gauge(
      "corn_worker_loop_lag_seconds",
      "The longest that the event loop was late in the last 15 s.",
      each(workers, ({ lagMs }) => seconds(lagMs)),
    ),
    gauge(
      "corn_worker_busy_ratio",
      "The part of the time that the event loop is at work; Node alone tells.",
      workers.flatMap(({ slot, busy }) =>
        busy === undefined ? [] : [{ labels: worker(slot), value: busy }]
      ),
    ),
    counter(
      "corn_worker_cpu_seconds_total",
      "Processor time of the slot's workers.",
      slots(sums, ({ cpuMs }) => seconds(cpuMs)),
    ),
    gauge(
      "corn_worker_memory_bytes",
      "Resident memory of the slot's worker.",
      each(workers, ({ rss }) => rss),
    ),
    gauge(
      "corn_worker_heap_used_bytes",
      "Memory of the heap in use in the slot's worker.",
      each(workers, ({ heapUsed }) => heapUsed),
    ),
    counter(
      "corn_worker_restarts_total",
      "Ends of the slot's workers that were neither a reload's nor a stop's.",
      slots(sums, ({ restarts }) => restarts),
    ),
  ];
}

function worker(slot: number): Labels {
  return { worker: String(slot) };
}

function each(
  workers: readonly WorkerNow[],
  valueOf: (worker: WorkerNow) => number,
): Sample[] {
  return workers.map((one) => ({
    labels: worker(one.slot),
    value: valueOf(one),
  }));
}

/** Of all slots there ever were: a counter does not vanish. */
function slots(
  sums: Sums,
  valueOf: (
    sums: { requests: number; cpuMs: number; restarts: number },
  ) => number,
): Sample[] {
  return [...sums.slots].sort(([a], [b]) => a - b).map(([slot, one]) => ({
    labels: worker(slot),
    value: valueOf(one),
  }));
}
