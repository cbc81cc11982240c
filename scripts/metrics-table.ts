/** The table of metrics in `docs/metrics.md`, from the metrics themselves. */
import { REFUSAL_REASONS } from "../src/exchange/refused.ts";
import { familiesOf } from "../src/telemetry/families.ts";
import type { PoolNow } from "../src/telemetry/pool-now.ts";
import { Sums } from "../src/telemetry/sums.ts";
import { code, table } from "./markdown.ts";

/** Labels that take few values, which are named. */
const NAMED = ["state", "reason", "result"];

const LEVELS = ["debug", "info", "warning", "error", "critical"];

/** A pool that has a value of everything. */
const NOW: PoolNow = {
  build: {
    version: "",
    runtime: "",
    runtime_version: "",
    worker_runtime: "",
  },
  states: { booting: 0, ready: 0, late: 0, draining: 0, ending: 0 },
  wanted: 1,
  generation: 1,
  startedAt: 0,
  reloadedAt: 0,
  reloadedWell: true,
  workers: [{
    slot: 1,
    up: true,
    open: 0,
    queued: 0,
    sockets: 0,
    lagMs: 0,
    busy: 0,
    rss: 0,
    heapUsed: 0,
  }],
  tasks: [{ name: "images", wanted: 1, ready: 1, calls: 1, open: 0 }],
  certificates: [{ name: "", until: new Date(0) }],
  queues: [{ address: "", queue: 1, waiting: 0, overflows: 0 }],
  arbiter: { cpuMs: 0, rss: 0 },
};

/** Every metric, with a sample at least. */
function everything() {
  const sums = new Sums([1000]);
  const counts = [0, 0];
  sums.addRequests([{ method: "GET", status: 200, sumMs: 0, counts }], [1000]);
  sums.slot(1);
  sums.addSockets(1, { "1000": 1 });
  sums.addRefused(REFUSAL_REASONS.map((reason) => [reason, 503, 1]));
  for (const level of LEVELS) sums.logLines.set(level, 0);
  return familiesOf(sums, NOW);
}

export function metricsTable(): string {
  return table(
    ["metric", "type", "labels", "what it tells"],
    everything().map(({ name, type, help, samples }) => [
      code(name),
      type,
      labelsText(samples),
      help,
    ]),
  );
}

function labelsText(
  samples: readonly { readonly labels: Readonly<Record<string, string>> }[],
): string {
  const names = [
    ...new Set(samples.flatMap(({ labels }) => Object.keys(labels))),
  ];
  return names.map((name) => {
    if (!NAMED.includes(name)) return code(name);
    const values = new Set(samples.map(({ labels }) => labels[name] as string));
    return `${code(name)}: ${[...values].join(", ")}`;
  }).join(", ");
}
