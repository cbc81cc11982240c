/** Which metrics there are, from what is summed and how things stand; docs/metrics.md has them all. */
import type { Family, Labels, Sample } from "./exposition.ts";
import type { Exemplars } from "./exemplars.ts";
import type { Sums } from "./sums.ts";

/** What a worker of a slot is doing. */
export interface WorkerNow {
  readonly slot: number;
  /** True where a worker of the slot is ready and not late. */
  readonly up: boolean;
  readonly open: number;
  readonly queued: number;
  /** WebSockets that are open. */
  readonly sockets: number;
  /** The longest that its event loop was late in the last 15 s. */
  readonly lagMs: number;
  /** The part of the time that its event loop is at work; undefined where the runtime does not tell. */
  readonly busy: number | undefined;
  readonly rss: number;
  readonly heapUsed: number;
}

/** Connections that wait in a queue. */
export interface QueueNow {
  readonly address: string;
  /** From 1. */
  readonly queue: number;
  readonly waiting: number;
  /** Connections that were dropped for it was full; undefined where the system does not tell. */
  readonly overflows?: number;
}

/** What a pool of tasks is doing. */
export interface TaskPoolNow {
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  /** Calls that have begun. */
  readonly calls: number;
  /** Calls that run. */
  readonly open: number;
}

/** How things stand. */
export interface PoolNow {
  readonly build: Labels;
  /** How many workers are in each state. */
  readonly states: Readonly<Record<string, number>>;
  readonly wanted: number;
  readonly generation: number;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly reloadedAt: number;
  readonly reloadedWell: boolean;
  readonly workers: readonly WorkerNow[];
  /** Empty where the system does not tell. */
  readonly queues: readonly QueueNow[];
  readonly tasks: readonly TaskPoolNow[];
  readonly arbiter: { readonly cpuMs: number; readonly rss: number };
}

/** Every metric of corn's own. */
export function familiesOf(
  sums: Sums,
  now: PoolNow,
  exemplars?: Exemplars,
): Family[] {
  const { workers } = now;
  const bounds = sums.bucketsMs.map((ms) => ms / 1000);
  return [
    {
      type: "histogram",
      name: "http_server_request_duration_seconds",
      help: "How long requests took, from their head to the end of the answer.",
      samples: [...sums.requests()].map((row) => ({
        labels: {
          http_request_method: row.method,
          http_response_status_code: String(row.status),
        },
        bounds,
        counts: row.counts,
        sum: seconds(row.sumMs),
        exemplars: exemplars?.of(row),
      })),
    },
    gauge(
      "http_server_active_requests",
      "Requests that are open.",
      one(workers.reduce((sum, { open }) => sum + open, 0)),
    ),
    gauge("corn_build_info", "What runs; always 1.", [
      { labels: now.build, value: 1 },
    ]),
    gauge(
      "corn_start_time_seconds",
      "When this arbiter started, since 1970.",
      one(now.startedAt),
    ),
    gauge(
      "corn_workers",
      "Workers by what they do.",
      by("state", Object.entries(now.states)),
    ),
    gauge(
      "corn_workers_wanted",
      "How many workers there should be.",
      one(now.wanted),
    ),
    gauge(
      "corn_generation",
      "The load of config and code that serves.",
      one(now.generation),
    ),
    counter(
      "corn_worker_exits_total",
      "Ends of workers, by their reason.",
      by("reason", sums.exits),
    ),
    counter(
      "corn_reloads_total",
      "Reloads, by what came of them.",
      by("result", sums.reloads),
    ),
    gauge(
      "corn_last_reload_successful",
      "1 where the last reload was done, or none was asked for.",
      one(now.reloadedWell ? 1 : 0),
    ),
    gauge(
      "corn_last_reload_success_timestamp_seconds",
      "When a reload was done last, or corn started.",
      one(now.reloadedAt),
    ),
    gauge(
      "corn_queue_waiting",
      "Connections that wait to be accepted.",
      now.queues.map(({ address, queue, waiting }) => ({
        labels: { address, queue: String(queue) },
        value: waiting,
      })),
    ),
    counter(
      "corn_queue_overflows_total",
      "Connections that were dropped because the queue was full; an arbiter on Bun or Deno tells.",
      now.queues.flatMap(({ address, queue, overflows }) =>
        overflows === undefined ? [] : [{
          labels: { address, queue: String(queue) },
          value: overflows,
        }]
      ),
    ),
    counter(
      "corn_refused_total",
      "Requests that corn answered itself in the app's place.",
      [...sums.refused].map(([key, value]) => {
        const [reason = "", status = ""] = key.split(" ");
        return { labels: { reason, status }, value };
      }),
    ),
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
    counter(
      "corn_websockets_opened_total",
      "WebSockets that were opened.",
      one(sums.socketsOpened),
    ),
    counter(
      "corn_websockets_closed_total",
      "WebSockets that ended, by the code of the close frame: app from 3000 on, 1006 where none is known, as of a client's on Node.",
      by("code", sums.socketsClosed),
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
    ...taskFamilies(now.tasks),
    counter(
      "corn_arbiter_cpu_seconds_total",
      "Processor time of the arbiter.",
      one(seconds(sums.arbiterCpuMs + now.arbiter.cpuMs)),
    ),
    gauge(
      "corn_arbiter_memory_bytes",
      "Resident memory of the arbiter.",
      one(now.arbiter.rss),
    ),
    counter(
      "corn_log_lines_total",
      "Events of the log, by their level, written or not.",
      by("level", sums.logLines),
    ),
  ];
}

function taskFamilies(tasks: readonly TaskPoolNow[]): Family[] {
  const each = (valueOf: (pool: TaskPoolNow) => number) =>
    by("pool", tasks.map((one) => [one.name, valueOf(one)]));
  return [
    gauge(
      "corn_task_workers",
      "Processes of the pool of tasks that are ready.",
      each(({ ready }) => ready),
    ),
    gauge(
      "corn_task_workers_wanted",
      "How many processes the pool of tasks should have.",
      each(({ wanted }) => wanted),
    ),
    counter(
      "corn_task_calls_total",
      "Calls that began in the pool of tasks.",
      each(({ calls }) => calls),
    ),
    gauge(
      "corn_task_open_calls",
      "Calls that run in the pool of tasks.",
      each(({ open }) => open),
    ),
  ];
}

function gauge(
  name: string,
  help: string,
  samples: readonly Sample[],
): Family {
  return { type: "gauge", name, help, samples };
}

function counter(
  name: string,
  help: string,
  samples: readonly Sample[],
): Family {
  return { type: "counter", name, help, samples };
}

function one(value: number): Sample[] {
  return [{ labels: {}, value }];
}

function by(label: string, counts: Iterable<[string, number]>): Sample[] {
  return [...counts].map(([name, value]) => ({
    labels: { [label]: name },
    value,
  }));
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

/** To the microsecond. */
function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1e6;
}
