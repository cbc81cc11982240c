/** What a dashboard shows, by corn's metrics. */

export interface Panel {
  readonly title: string;
  /** One of Grafana's units. */
  readonly unit: string;
  readonly kind: "timeseries" | "stat";
  /** Columns of 24 that it takes. */
  readonly width: number;
  readonly queries: readonly {
    readonly expr: string;
    readonly legend: string;
  }[];
}

/** What Grafana puts in for the choice of the reader. */
const OF = '{job="$job",instance=~"$instance"}';

function of(more: string): string {
  return `{job="$job",instance=~"$instance",${more}}`;
}

const DURATION = "http_server_request_duration_seconds";
const RATE = "[$__rate_interval]";

/** A WebSocket is a request that lasts as long as it is open. */
const NOT_SWITCHED = 'http_response_status_code!="101"';

function quantile(share: number): string {
  return `histogram_quantile(${share}, sum by (le) (rate(${DURATION}_bucket${
    of(NOT_SWITCHED)
  }${RATE})))`;
}

function stat(title: string, expr: string, unit = "short"): Panel {
  const queries = [{ expr, legend: "" }];
  return { title, unit, kind: "stat", width: 4, queries };
}

function chart(
  title: string,
  unit: string,
  queries: readonly (readonly [expr: string, legend: string])[],
): Panel {
  return {
    title,
    unit,
    kind: "timeseries",
    width: 8,
    queries: queries.map(([expr, legend]) => ({ expr, legend })),
  };
}

export const PANELS: readonly Panel[] = [
  stat("Workers ready", `sum(corn_worker_up${OF})`),
  stat("Workers wanted", `sum(corn_workers_wanted${OF})`),
  stat(
    "Requests a second",
    `sum(rate(${DURATION}_count${OF}${RATE}))`,
    "reqps",
  ),
  stat(
    "Answers 5xx",
    `(sum(rate(${DURATION}_count${
      of('http_response_status_code=~"5.."')
    }${RATE})) or vector(0)) / sum(rate(${DURATION}_count${OF}${RATE}))`,
    "percentunit",
  ),
  stat("Generation", `max(corn_generation${OF})`),
  stat("Up for", `time() - max(corn_start_time_seconds${OF})`, "s"),
  chart("Requests", "reqps", [[
    `sum by (http_response_status_code) (rate(${DURATION}_count${OF}${RATE}))`,
    "{{http_response_status_code}}",
  ]]),
  chart("Durations", "s", [
    [quantile(0.5), "p50"],
    [quantile(0.9), "p90"],
    [quantile(0.99), "p99"],
  ]),
  chart("In hand", "short", [
    [`sum(http_server_active_requests${OF})`, "open"],
    [`sum(corn_worker_queued_requests${OF})`, "wait in a worker"],
    [`sum(corn_queue_waiting${OF})`, "connections not accepted"],
  ]),
  chart("Requests by worker", "reqps", [[
    `sum by (instance, worker) (rate(corn_worker_requests_total${OF}${RATE}))`,
    "{{instance}} {{worker}}",
  ]]),
  chart("Lag of the event loop", "s", [[
    `max by (instance, worker) (corn_worker_loop_lag_seconds${OF})`,
    "{{instance}} {{worker}}",
  ]]),
  chart("Processor time", "percentunit", [
    [
      `sum by (instance, worker) (rate(corn_worker_cpu_seconds_total${OF}${RATE}))`,
      "{{instance}} {{worker}}",
    ],
    [
      `sum by (instance) (rate(corn_arbiter_cpu_seconds_total${OF}${RATE}))`,
      "{{instance}} arbiter",
    ],
  ]),
  chart("Memory", "bytes", [
    [
      `sum by (instance, worker) (corn_worker_memory_bytes${OF})`,
      "{{instance}} {{worker}}",
    ],
    [
      `sum by (instance) (corn_arbiter_memory_bytes${OF})`,
      "{{instance}} arbiter",
    ],
  ]),
  chart("Workers by state", "short", [[
    `sum by (state) (corn_workers${OF})`,
    "{{state}}",
  ]]),
  chart("Ends of workers and reloads", "short", [
    [
      `sum by (reason) (increase(corn_worker_exits_total${OF}${RATE}))`,
      "{{reason}}",
    ],
    [
      `sum by (result) (increase(corn_reloads_total${OF}${RATE}))`,
      "reload {{result}}",
    ],
  ]),
  chart("Certificates end in", "s", [[
    `min by (name) (corn_tls_certificate_expiry_timestamp_seconds${OF}) - time()`,
    "{{name}}",
  ]]),
];
