/**
 * One accept queue for all workers, one for each, or one for each with
 * takeover? Three questions to each, in fresh processes, in an order that
 * alternates:
 *
 * - how do kept-alive connections that are opened at once spread over the
 *   workers (most / mean), before and after the flow below;
 * - how long do requests on new connections take while some requests block
 *   their worker's event loop for 200 ms;
 * - what does the arbiter use meanwhile, and under a load that takes all there is?
 *
 *     node bench/queues.ts --rounds 3 --seconds 8 --runtime node,bun,deno
 */
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { burst, flow } from "./support/connections.ts";
import { load } from "./support/load.ts";
import { cpuMs } from "./support/proc.ts";
import {
  machine,
  median,
  percentile,
  spread,
  table,
} from "./support/report.ts";
import { settle, sleep, startServer } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const { values: flags } = parseArgs({
  options: {
    runtime: { type: "string", default: RUNTIMES.join(",") },
    rounds: { type: "string", default: "3" },
    /** Of the flow; the saturating load takes half as long. */
    seconds: { type: "string", default: "8" },
    workers: { type: "string", default: "4" },
    connections: { type: "string", default: "64" },
    bursts: { type: "string", default: "5" },
    "per-second": { type: "string", default: "200" },
    /** Requests of the flow that block, in per cent. */
    percent: { type: "string", default: "3" },
    /** How they block: `spin` uses the processor, `wait` does not. */
    block: { type: "string", default: "wait" },
    /** Some of the ways only, by number. */
    ways: { type: "string", default: "1,2,3" },
    corn: { type: "string", default: join(root, "mod.ts") },
  },
});
/** What is shared in the flow is the workers' own again after so long. */
const SHARE_MS = 6000;
const workers = Number(flags.workers);
const seconds = Number(flags.seconds);

interface Way {
  readonly name: string;
  readonly module: string;
  readonly args: readonly string[];
}

const WAYS: readonly Way[] = [
  { name: "one queue", module: flags.corn, args: ["--no-reuse-port"] },
  {
    name: "a queue a worker, no takeover",
    module: join(root, "bench", "support", "without-takeover.ts"),
    args: [],
  },
  { name: "a queue a worker", module: flags.corn, args: [] },
];

interface Figures {
  /** Most connections of a worker over the mean, a burst each. */
  readonly fresh: readonly number[];
  readonly after: readonly number[];
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  /** The arbiter's share of one processor, per cent. */
  readonly flowCpu: number;
  readonly loadCpu: number;
  readonly requests: number;
}

/** Most / mean of each burst. */
async function skews(port: number): Promise<number[]> {
  const connections = Number(flags.connections);
  const bursts = await burst(port, {
    connections,
    times: Number(flags.bursts),
  });
  return bursts.map((counts) => Math.max(...counts) * workers / connections);
}

async function measure(runtime: RuntimeName, way: Way): Promise<Figures> {
  const port = await freePort();
  const command = cornCommand(runtime, {
    app: join(root, "bench", "apps", "blocking.ts"),
    port,
    workers,
    module: way.module,
  });
  await using server = await startServer({
    port,
    commands: [[...command, ...way.args]],
  });
  await settle(server);
  const [arbiter = 0] = server.pids();

  async function share(work: () => Promise<unknown>): Promise<number> {
    const [cpu, began] = [cpuMs(arbiter), performance.now()];
    await work();
    return (cpuMs(arbiter) - cpu) * 100 / (performance.now() - began);
  }

  const fresh = await skews(port);
  let latencies: number[] = [];
  const flowCpu = await share(async () => {
    latencies = await flow(port, {
      perSecond: Number(flags["per-second"]),
      seconds,
      path: `/${flags.block}`,
      percent: Number(flags.percent),
    });
  });
  await sleep(SHARE_MS);
  const after = await skews(port);
  let requests = 0;
  const loadCpu = await share(async () => {
    const options = { seconds: seconds / 2, connections: 64 };
    requests = (await load(server.url, options)).perSecond;
  });
  return {
    fresh,
    after,
    p50: percentile(latencies, 50),
    p90: percentile(latencies, 90),
    p99: percentile(latencies, 99),
    flowCpu,
    loadCpu,
    requests,
  };
}

/** The rows of one runtime, and the ratios to the first way in the same round. */
async function compare(runtime: RuntimeName): Promise<string[][]> {
  const ways = WAYS.filter((_, index) =>
    flags.ways.split(",").includes(String(index + 1))
  );
  const rounds: Map<Way, Figures>[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    const figures = new Map<Way, Figures>();
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      figures.set(way, await measure(runtime, way));
      process.stderr.write(".");
    }
    rounds.push(figures);
  }
  return ways.map((way) => {
    const own = rounds.map((round) => round.get(way) as Figures);
    const cell = (name: keyof Figures, digits: number) =>
      spread(own.flatMap((figures) => figures[name] as number), digits);
    const ratio = (name: "p90" | "p99") =>
      median(rounds.map((round) => {
        const base = round.get(ways[0] as Way) as Figures;
        return (round.get(way) as Figures)[name] / base[name];
      })).toFixed(2);
    return [
      runtime,
      way.name,
      cell("fresh", 2),
      cell("after", 2),
      cell("p50", 1),
      cell("p90", 1),
      ratio("p90"),
      cell("p99", 0),
      ratio("p99"),
      cell("flowCpu", 2),
      cell("loadCpu", 2),
    ];
  });
}

console.log(`${machine()}\n`);
const rows: string[][] = [];
for (const runtime of RUNTIMES) {
  if (flags.runtime.split(",").includes(runtime)) {
    rows.push(...await compare(runtime));
  }
}
process.stderr.write("\n");
console.log(table([
  "Runtime",
  "Queues",
  "most / mean (min–max)",
  "after the flow",
  "p50 ms",
  "p90 ms",
  "to one queue",
  "p99 ms",
  "to one queue",
  "arbiter in the flow, %",
  "under full load, %",
], rows));
