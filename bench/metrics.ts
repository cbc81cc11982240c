/**
 * What do --metrics cost a request, and what does a scrape cost the arbiter?
 *
 *     node bench/metrics.ts --runtime node,bun,deno --rounds 5 --turns 10 --seconds 1
 *     node bench/metrics.ts --scrape 16
 *
 * Two corns with one worker each are up at once, one of them with --metrics, on
 * processor 0, and wrk has processor 1. They are loaded one after the other, the
 * other first in each turn: what a request costs depends on how many come at
 * once, so each has the load for itself, and the turns are short, so that what a
 * neighbour does to the machine it does to both. Fresh processes in each round.
 * With --scrape so many workers are started, and /metrics is read a hundred times.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { get } from "../tests/support/client/curl.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { measureCost } from "./support/cost.ts";
import type { Cost } from "./support/cost.ts";
import { heading, median, spread, table } from "./support/report.ts";
import { measureScrapes, SCRAPES } from "./support/scrapes.ts";
import { settle, startServer } from "./support/server.ts";
import type { Server } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    turns: { type: "string", default: "10" },
    seconds: { type: "string", default: "1" },
    connections: { type: "string", default: "16" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    scrape: { type: "string", default: "0" },
  },
});

const app = join(root, "bench", "apps", "bare.ts");
const runtimes = RUNTIMES.filter((one) =>
  flags.runtime.split(",").includes(one)
);

const SIDES = ["none", "metrics"] as const;
type Side = typeof SIDES[number];
type Sample = Readonly<Record<Side, Cost>>;

/** Both corns, and where the one of them is scraped. */
interface Pair {
  readonly servers: Readonly<Record<Side, Server>>;
  readonly admin: string;
}

async function startPair(
  runtime: RuntimeName,
  order: readonly Side[],
  scope: AsyncDisposableStack,
): Promise<Pair> {
  const admin = `127.0.0.1:${await freePort()}`;
  const servers: Partial<Record<Side, Server>> = {};
  for (const side of order) {
    const port = await freePort();
    const server = scope.use(
      await startServer({
        port,
        processors: "0",
        commands: [[
          ...cornCommand(runtime, { app, port, workers: 1 }),
          ...(side === "none" ? [] : ["--metrics", "--admin", admin]),
        ]],
      }),
    );
    await settle(server);
    servers[side] = server;
  }
  return { servers: servers as Record<Side, Server>, admin };
}

/** Loads one, then the other. */
async function turn(
  { servers }: Pair,
  order: readonly Side[],
): Promise<Sample> {
  const sample: Partial<Record<Side, Cost>> = {};
  for (const side of order) {
    sample[side] = await measureCost(servers[side], {
      seconds: Number(flags.seconds),
      connections: Number(flags.connections),
      processors: "1",
    });
  }
  return sample as Sample;
}

async function round(runtime: RuntimeName, number: number): Promise<Sample[]> {
  await using scope = new AsyncDisposableStack();
  const order = number % 2 === 0 ? SIDES : SIDES.toReversed();
  const pair = await startPair(runtime, order, scope);
  await turn(pair, order); // To compile what is hot.
  const samples: Sample[] = [];
  for (let n = 0; n < Number(flags.turns); n++) {
    samples.push(await turn(pair, n % 2 === 0 ? order : order.toReversed()));
  }
  const text = await get(`http://${pair.admin}/metrics`);
  if (!text.includes("http_server_request_duration_seconds_count")) {
    throw new Error("Cannot measure metrics: nothing was counted");
  }
  return samples;
}

async function measureLoad(): Promise<void> {
  console.log(heading(
    `two corns of one worker on processor 0, loaded in turns by wrk -t1 -c${flags.connections} -d${flags.seconds} on processor 1, ${flags.rounds} rounds of ${flags.turns} turns.`,
  ));
  const rows: string[][] = [];
  for (const runtime of runtimes) {
    const samples: Sample[] = [];
    const ratios = (figure: keyof Cost) =>
      samples.map(({ none, metrics }) => metrics[figure] / none[figure]);
    for (let number = 0; number < Number(flags.rounds); number++) {
      samples.push(...await round(runtime, number));
      console.error(
        `${runtime} round ${number + 1}: CPU a request, with / none: ${
          spread(ratios("cpuUs"), 3)
        }`,
      );
    }
    const middle = (side: Side) =>
      median(samples.map((sample) => sample[side].cpuUs)).toFixed(1);
    rows.push([
      runtime,
      middle("none"),
      middle("metrics"),
      `**${spread(ratios("cpuUs"), 3)}**`,
      spread(ratios("perSecond"), 2),
    ]);
  }
  console.log(table([
    "Runtime",
    "none, CPU a request, µs",
    "--metrics",
    "with / none (min–max)",
    "requests/s, with / none",
  ], rows));
}

async function showScrapes(workers: number): Promise<void> {
  console.log(heading(`${workers} workers, ${SCRAPES} scrapes.`));
  const rows: string[][] = [];
  for (const runtime of runtimes) {
    const row = [runtime, ...await measureScrapes(runtime, { app, workers })];
    console.error(row.join(" | "));
    rows.push(row);
  }
  console.log(table([
    "Runtime",
    "Bytes",
    "First, ms",
    "Median, ms",
    "Longest, ms",
    "CPU of the arbiter, ms, mean",
    "most",
  ], rows));
}

const workers = Number(flags.scrape);
await (workers > 0 ? showScrapes(workers) : measureLoad());
