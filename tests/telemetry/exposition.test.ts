import { spawnSync } from "node:child_process";
import { skip, suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { findProgram } from "../support/machine/program.ts";
import { chooseFormat, writeMetrics } from "../../src/telemetry/exposition.ts";
import type { Family } from "../../src/telemetry/exposition.ts";
import { Exemplars } from "../../src/telemetry/exemplars.ts";
import { familiesOf } from "../../src/telemetry/families.ts";
import type { PoolNow } from "../../src/telemetry/pool-now.ts";
import { Sums } from "../../src/telemetry/sums.ts";

const exposition = suite("exposition");

const FAMILIES: readonly Family[] = [
  {
    type: "histogram",
    name: "x_duration_seconds",
    help: 'How "long".',
    samples: [{
      labels: { method: "GET" },
      bounds: [0.005, 1, 2.5],
      counts: [2, 0, 1, 1],
      sum: 7.25,
    }],
  },
  {
    type: "counter",
    name: "x_lost_total",
    help: "Lost\\found\nhere.",
    samples: [
      { labels: {}, value: 3 },
      { labels: { why: 'a "b"\\\n' }, value: Infinity },
    ],
  },
  { type: "gauge", name: "x_none", help: "None.", samples: [] },
];

exposition("writeMetrics() writes the text format", () => {
  assert.equal(writeMetrics(FAMILIES, "text").split("\n"), [
    '# HELP x_duration_seconds How "long".',
    "# TYPE x_duration_seconds histogram",
    'x_duration_seconds_bucket{method="GET",le="0.005"} 2',
    'x_duration_seconds_bucket{method="GET",le="1"} 2',
    'x_duration_seconds_bucket{method="GET",le="2.5"} 3',
    'x_duration_seconds_bucket{method="GET",le="+Inf"} 4',
    'x_duration_seconds_sum{method="GET"} 7.25',
    'x_duration_seconds_count{method="GET"} 4',
    "# HELP x_lost_total Lost\\\\found\\nhere.",
    "# TYPE x_lost_total counter",
    "x_lost_total 3",
    'x_lost_total{why="a \\"b\\"\\\\\\n"} +Inf',
    "",
  ]);
});

exposition("writeMetrics() writes OpenMetrics", () => {
  assert.equal(writeMetrics(FAMILIES, "openmetrics").split("\n"), [
    '# HELP x_duration_seconds How \\"long\\".',
    "# TYPE x_duration_seconds histogram",
    "# UNIT x_duration_seconds seconds",
    'x_duration_seconds_bucket{method="GET",le="0.005"} 2',
    'x_duration_seconds_bucket{method="GET",le="1.0"} 2',
    'x_duration_seconds_bucket{method="GET",le="2.5"} 3',
    'x_duration_seconds_bucket{method="GET",le="+Inf"} 4',
    'x_duration_seconds_sum{method="GET"} 7.25',
    'x_duration_seconds_count{method="GET"} 4',
    "# HELP x_lost Lost\\\\found\\nhere.",
    "# TYPE x_lost counter",
    "x_lost_total 3",
    'x_lost_total{why="a \\"b\\"\\\\\\n"} +Inf',
    "# EOF",
    "",
  ]);
});

exposition("chooseFormat() gives OpenMetrics to those that ask for it", () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, "text"],
    ["*/*", "text"],
    ["text/plain;version=0.0.4", "text"],
    [
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "openmetrics",
    ],
    ["text/plain, Application/OpenMetrics-Text; q=0.5", "openmetrics"],
    ["application/openmetrics-text; version=0.0.1", "text"],
    ["application/openmetrics-text; version=1.0.0; q=0", "text"],
  ];
  for (const [accept, format] of cases) {
    assert.is(chooseFormat(accept), format, accept);
  }
});

const NOW: PoolNow = {
  build: {
    version: "0.1.0",
    runtime: "node",
    runtime_version: "24.0.0",
    worker_runtime: "bun",
  },
  states: { booting: 1, ready: 2, late: 0, draining: 0, ending: 0 },
  wanted: 3,
  generation: 2,
  startedAt: 1.5e9,
  reloadedAt: 1.6e9,
  reloadedWell: true,
  workers: [1, 2].map((slot) => ({
    slot,
    up: slot === 1,
    open: slot,
    queued: 0,
    sockets: 7 * slot,
    lagMs: 1500,
    busy: slot === 1 ? 0.25 : undefined,
    rss: 1000,
    heapUsed: 500,
  })),
  tasks: [{ name: "images", wanted: 2, ready: 1, calls: 7, open: 1 }],
  certificates: [{ name: "shop.example", until: new Date(1_800_000_000_000) }],
  queues: [{ address: "127.0.0.1:8000", queue: 1, waiting: 4, overflows: 2 }],
  arbiter: { cpuMs: 500, rss: 2000 },
};

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

exposition("exemplars stand in OpenMetrics alone", () => {
  const line = (format: "text" | "openmetrics") =>
    writeMetrics(everything(), format).split("\n")
      .find((one) => one.includes('le="+Inf"'));
  const bucket =
    'http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="200",le="+Inf"} 3';
  assert.is(line("text"), bucket);
  assert.is(
    line("openmetrics"),
    `${bucket} # {trace_id="${TRACE}"} 0.012346 1520879607.789`,
  );
});

exposition("what was refused and dropped is told by its reason", () => {
  const lines = writeMetrics(everything(), "text").split("\n");
  assert.ok(
    lines.includes('corn_refused_total{reason="queue",status="503"} 3'),
  );
  assert.ok(lines.includes(
    'corn_queue_overflows_total{address="127.0.0.1:8000",queue="1"} 2',
  ));
});

/** Every metric that there is, with a value. */
function everything(): Family[] {
  const sums = new Sums([5, 10]);
  sums.addRequests(
    [{ method: "GET", status: 200, sumMs: 20, counts: [1, 0, 2] }],
    [5, 10],
  );
  sums.slot(10).restarts = 2;
  sums.slot(2).requests = 8;
  sums.slot(1).cpuMs = 1234.5;
  sums.logLines.set("error", 2);
  sums.addSockets(30, { "1012": 9, app: 2 });
  sums.addRefused([["queue", 503, 3], ["request", 400, 1]]);
  const exemplars = new Exemplars();
  exemplars.note({ method: "GET", status: 200 }, [
    [2, { traceId: TRACE, ms: 12.3456 }],
  ], 1520879607.789);
  return familiesOf(sums, NOW, exemplars);
}

exposition("familiesOf() has a value of every metric", () => {
  const families = everything();
  const lines = writeMetrics(families, "text").split("\n");
  const names = families.map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
  for (const { name, samples } of families) assert.ok(samples.length > 0, name);
  for (
    const line of [
      'http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="200",le="0.005"} 1',
      'http_server_request_duration_seconds_sum{http_request_method="GET",http_response_status_code="200"} 0.02',
      "http_server_active_requests 3",
      'corn_build_info{version="0.1.0",runtime="node",runtime_version="24.0.0",worker_runtime="bun"} 1',
      "corn_start_time_seconds 1500000000",
      'corn_workers{state="ready"} 2',
      "corn_workers_wanted 3",
      "corn_generation 2",
      "corn_last_reload_successful 1",
      "corn_last_reload_success_timestamp_seconds 1600000000",
      'corn_tls_certificate_expiry_timestamp_seconds{name="shop.example"} 1800000000',
      'corn_worker_up{worker="1"} 1',
      'corn_worker_open_requests{worker="2"} 2',
      'corn_worker_memory_bytes{worker="1"} 1000',
      'corn_task_workers{pool="images"} 1',
      'corn_task_workers_wanted{pool="images"} 2',
      'corn_task_calls_total{pool="images"} 7',
      'corn_task_open_calls{pool="images"} 1',
      'corn_worker_exits_total{reason="crash"} 0',
      'corn_reloads_total{result="done"} 0',
      'corn_queue_waiting{address="127.0.0.1:8000",queue="1"} 4',
      'corn_worker_up{worker="2"} 0',
      'corn_worker_websockets{worker="2"} 14',
      "corn_websockets_opened_total 30",
      'corn_websockets_closed_total{code="1012"} 9',
      'corn_worker_loop_lag_seconds{worker="1"} 1.5',
      'corn_worker_busy_ratio{worker="1"} 0.25',
      'corn_worker_cpu_seconds_total{worker="1"} 1.2345',
      "corn_arbiter_cpu_seconds_total 0.5",
      'corn_log_lines_total{level="error"} 2',
    ]
  ) assert.ok(lines.includes(line), line);
  assert.not(lines.some((line) => /busy_ratio\{worker="2"/.test(line)));
  // A slot that is no more keeps what it counted.
  assert.equal(
    lines.filter((line) => line.startsWith("corn_worker_restarts_total")),
    [
      'corn_worker_restarts_total{worker="1"} 0',
      'corn_worker_restarts_total{worker="2"} 0',
      'corn_worker_restarts_total{worker="10"} 2',
    ],
  );
});

const PROMTOOL = findProgram("promtool");

exposition("promtool finds nothing wrong with it", () => {
  if (PROMTOOL === undefined) return skip("promtool is not installed");
  const { status, stdout, stderr } = spawnSync(
    PROMTOOL,
    ["check", "metrics"],
    { input: writeMetrics(everything(), "text"), encoding: "utf8" },
  );
  assert.equal({ status, stdout, stderr }, {
    status: 0,
    stdout: "",
    stderr: "",
  });
});

exposition.run();
