/**
 * Which class of workers has requests wait least, where handlers block their
 * worker? Requests come as chance has it (Poisson), a new connection each, and
 * what is measured is the time beyond the handler's own. The handlers wait
 * without using a processor, so that workers are like as many free processors.
 * Fresh processes, in an order that alternates. Each round has other requests,
 * the same ones for each way, and percentiles are those of all rounds: a p99 of
 * waiting needs thousands of requests, since a few long ones that come together
 * decide it. The last rows are what one queue gives where nothing costs time,
 * and where each request costs what half of those cost at most that sync serves.
 *
 *     node bench/balance.ts --rounds 5 --seconds 20 --runtime node,bun,deno
 */
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { arrivals, leastWaits } from "./support/connections.ts";
import type { Arrivals } from "./support/connections.ts";
import { machine, percentile, table } from "./support/report.ts";
import { settle, startServer } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    runtime: { type: "string", default: RUNTIMES.join(",") },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "20" },
    workers: { type: "string", default: "4" },
    loads: { type: "string", default: "even,mixed" },
    /** Some of the ways only, by number. */
    ways: { type: "string", default: "1,2,3" },
  },
});
const workers = Number(flags.workers);

/** What handlers take, and the share of all workers' time that is asked for. */
interface Load {
  readonly name: string;
  readonly text: string;
  readonly shortMs: number;
  readonly longMs: number;
  readonly percent: number;
  readonly share: number;
}

const LOADS: readonly Load[] = [
  {
    name: "even",
    text: "20 ms each, 70 %",
    shortMs: 20,
    longMs: 20,
    percent: 0,
    share: 0.7,
  },
  {
    name: "mixed",
    text: "5 % of 200 ms, else 5 ms, 60 %",
    shortMs: 5,
    longMs: 200,
    percent: 5,
    share: 0.6,
  },
];

const WAYS = [
  { name: "async", args: [] },
  { name: "async, `--queues 1`", args: ["--queues", "1"] },
  { name: "sync", args: ["--worker-class", "sync"] },
] as const;
type Way = typeof WAYS[number];

function arrivalsOf(load: Load, round: number): Arrivals {
  const { shortMs, longMs, percent, share } = load;
  const meanMs = (longMs * percent + shortMs * (100 - percent)) / 100;
  return {
    perSecond: workers * share * 1000 / meanMs,
    seconds: Number(flags.seconds),
    seed: round + 1,
    ...{ shortMs, longMs, percent },
  };
}

async function measure(
  runtime: RuntimeName,
  way: Way,
  load: Arrivals,
): Promise<number[]> {
  const port = await freePort();
  const app = join(root, "bench", "apps", "blocking.ts");
  const command = cornCommand(runtime, { app, port, workers });
  await using server = await startServer({
    port,
    commands: [[...command, ...way.args]],
  });
  await settle(server);
  return await arrivals(port, load);
}

/** The rows of one load on one runtime; ratios are to the first way. */
async function compare(runtime: RuntimeName, load: Load): Promise<string[][]> {
  const ways = WAYS.filter((_, index) =>
    flags.ways.split(",").includes(String(index + 1))
  );
  const waits = new Map<string, number[][]>();
  const add = (name: string, round: number[]) =>
    waits.set(name, [...waits.get(name) ?? [], round]);
  for (let round = 0; round < Number(flags.rounds); round++) {
    const asked = arrivalsOf(load, round);
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      add(way.name, await measure(runtime, way, asked));
      process.stderr.write(".");
    }
    add("(the least possible)", leastWaits(workers, asked));
  }
  const base = waits.get(ways[0]!.name) as number[][];
  const sync = waits.get("sync");
  if (sync !== undefined) {
    const costMs = percentile(sync.flat(), 50);
    for (const [round] of sync.entries()) {
      add(
        "(the same at that cost)",
        leastWaits(workers, arrivalsOf(load, round), costMs),
      );
    }
  }
  const names = [...waits.keys()];
  return names.map((name) => {
    const rounds = waits.get(name) as number[][];
    const ratio = (mine: number[], other: number[]) =>
      (percentile(mine, 99) / percentile(other, 99)).toFixed(2);
    return [
      runtime,
      load.text,
      name,
      ...[50, 90, 99].map((of) => percentile(rounds.flat(), of).toFixed(1)),
      ratio(rounds.flat(), base.flat()),
      rounds.map((round, index) => ratio(round, base[index]!)).join(" "),
    ];
  });
}

console.log(`${machine()}\n`);
const rows: string[][] = [];
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  for (const load of LOADS) {
    if (!flags.loads.split(",").includes(load.name)) continue;
    rows.push(...await compare(runtime, load));
  }
}
process.stderr.write("\n");
console.log(table([
  "Runtime",
  "Load",
  "Workers",
  "p50 ms",
  "p90 ms",
  "p99 ms",
  "p99 to async",
  "in each round",
], rows));
