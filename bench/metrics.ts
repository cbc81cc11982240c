/**
 * What do --metrics cost a request, and what does a scrape cost the arbiter?
 *
 *     node bench/metrics.ts --runtime node,bun,deno --rounds 5 --seconds 2
 *     node bench/metrics.ts --scrape 16
 *
 * One worker on processor 0 and wrk on processor 1, fresh processes in each
 * round, in an order that turns; a ratio is taken of two figures of one round.
 * With --scrape so many workers are started, and /metrics is read a hundred times.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { get } from "../tests/support/client/curl.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { warmCost } from "./support/cost.ts";
import type { Cost } from "./support/cost.ts";
import { heading, median, spread, table, thousands } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import { measureScrapes, SCRAPES } from "./support/scrapes.ts";
import { settle, startServer } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "32" },
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

async function measure(side: Side, runtime: RuntimeName): Promise<Cost> {
  const port = await freePort();
  const admin = await freePort();
  await using server = await startServer({
    port,
    processors: "0",
    commands: [[
      ...cornCommand(runtime, { app, port, workers: 1 }),
      ...(side === "none"
        ? []
        : ["--metrics", "--admin", `127.0.0.1:${admin}`]),
    ]],
  });
  await settle(server);
  const cost = await warmCost(server, {
    seconds: Number(flags.seconds),
    connections: Number(flags.connections),
    processors: "1",
  });
  if (side === "metrics") {
    const text = await get(`http://127.0.0.1:${admin}/metrics`);
    if (!text.includes("http_server_request_duration_seconds_count")) {
      throw new Error("Cannot measure metrics: nothing was counted");
    }
  }
  return cost;
}

async function measureLoad(): Promise<void> {
  console.log(heading(
    `one worker on processor 0, wrk -t1 -c${flags.connections} -d${flags.seconds} on processor 1, ${flags.rounds} rounds.`,
  ));
  const rows: string[][] = [];
  for (const runtime of runtimes) {
    const rounds = await takeRounds(SIDES, {
      rounds: Number(flags.rounds),
      measure: (side) => measure(side, runtime),
      onRound: (number) =>
        console.error(`${runtime} round ${number} of ${flags.rounds}`),
    });
    const figures = (side: Side, figure: keyof Cost) =>
      rounds.map((round) => round[side][figure]);
    const ratio = (figure: keyof Cost) =>
      spread(
        figures("metrics", figure).map((one, at) =>
          one / (figures("none", figure)[at] as number)
        ),
        2,
      );
    rows.push([
      runtime,
      thousands(median(figures("none", "perSecond"))),
      thousands(median(figures("metrics", "perSecond"))),
      `**${ratio("perSecond")}**`,
      ratio("cpuUs"),
    ]);
  }
  console.log(table([
    "Runtime",
    "none, requests/s",
    "--metrics",
    "with / none (min–max)",
    "CPU a request, with / none",
  ], rows));
}

async function showScrapes(workers: number): Promise<void> {
  console.log(heading(`${workers} workers, ${SCRAPES} scrapes.`));
  const rows: string[][] = [];
  for (const runtime of runtimes) {
    rows.push([runtime, ...await measureScrapes(runtime, { app, workers })]);
  }
  console.log(table([
    "Runtime",
    "Bytes",
    "First, ms",
    "Median, ms",
    "Longest, ms",
  ], rows));
}

const workers = Number(flags.scrape);
await (workers > 0 ? showScrapes(workers) : measureLoad());
