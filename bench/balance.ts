/**
 * Which class of workers has requests wait least, where handlers block their
 * worker? Requests come as chance has it (Poisson), a new connection each, and
 * what is measured is the time beyond the handler's own. The handlers wait
 * without using a processor, so that workers are like as many free processors.
 * Fresh processes, in an order that alternates.
 *
 *     node bench/balance.ts --rounds 3 --seconds 8 --runtime node,bun,deno
 */
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { arrivals } from "./support/connections.ts";
import { machine, median, table } from "./support/report.ts";
import { settle, startServer } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    runtime: { type: "string", default: RUNTIMES.join(",") },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "8" },
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

interface Figures {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

async function measure(
  runtime: RuntimeName,
  way: Way,
  { shortMs, longMs, percent, share }: Load,
): Promise<Figures> {
  const port = await freePort();
  const app = join(root, "bench", "apps", "blocking.ts");
  const command = cornCommand(runtime, { app, port, workers });
  await using server = await startServer({
    port,
    commands: [[...command, ...way.args]],
  });
  await settle(server);
  const meanMs = (longMs * percent + shortMs * (100 - percent)) / 100;
  const waited = await arrivals(port, {
    perSecond: workers * share * 1000 / meanMs,
    seconds: Number(flags.seconds),
    ...{ shortMs, longMs, percent },
  });
  waited.sort((a, b) => a - b);
  const percentile = (of: number) =>
    waited[Math.floor(waited.length * of / 100)] ?? NaN;
  return { p50: percentile(50), p90: percentile(90), p99: percentile(99) };
}

/** The rows of one load on one runtime, and the ratios to the first way in the same round. */
async function compare(runtime: RuntimeName, load: Load): Promise<string[][]> {
  const ways = WAYS.filter((_, index) =>
    flags.ways.split(",").includes(String(index + 1))
  );
  const rounds: Map<Way, Figures>[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    const figures = new Map<Way, Figures>();
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      figures.set(way, await measure(runtime, way, load));
      process.stderr.write(".");
    }
    rounds.push(figures);
  }
  return ways.map((way) => {
    const of = (name: keyof Figures) =>
      rounds.map((round) => (round.get(way) as Figures)[name]);
    const base = rounds.map((round) => (round.get(ways[0]!) as Figures).p99);
    const cell = (name: keyof Figures) => median(of(name)).toFixed(1);
    const ratios = of("p99").map((p99, round) => p99 / base[round]!);
    return [
      runtime,
      load.text,
      way.name,
      ...(["p50", "p90", "p99"] as const).map(cell),
      median(ratios).toFixed(2),
      ratios.map((ratio) => ratio.toFixed(2)).join(" "),
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
