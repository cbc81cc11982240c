/**
 * What does a request cost, and how long does it wait, where workers have less
 * to do than they can? Most servers are so, and what is quickest at its limit
 * need not be quickest there.
 *
 *     node bench/pace.ts --rounds 3 --seconds 4 --rates 500,4000 --runtime node,bun,deno
 *
 * Requests come as chance has it (Poisson) over 32 kept connections from
 * processor 1, to two workers on processor 0: corn with each engine, and the
 * runtime's own way with two. Fresh processes, in an order that turns; before,
 * wrk loads them for two seconds with all that they can, or most of what is
 * measured would be compilers. The app answers with 2 kB of JSON.
 */
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { cornCommand, nativeCommands, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { pace } from "./support/paced.ts";
import {
  heading,
  median,
  percentile,
  spread,
  table,
} from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    rates: { type: "string", default: "500,4000" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    app: { type: "string", default: "json" },
  },
});
const APP = join(root, "bench", "apps", `${flags.app}.ts`);
const CONNECTIONS = 32;
const WARM_SECONDS = 2;

const SIDES = ["native", "wire", "own way"] as const;
type Side = typeof SIDES[number];

interface Sample {
  /** Processor time of all its processes, a request. */
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measure(
  side: Side,
  runtime: RuntimeName,
  perSecond: number,
): Promise<Sample> {
  const port = await freePort();
  const corn = cornCommand(runtime, { app: APP, port, workers: 2 });
  await using server = await startServer({
    ...{ port, processors: "0" },
    ...(side === "own way"
      ? nativeCommands(runtime, { app: APP, port })
      : { commands: [[...corn, "--http", side]] }),
  });
  await settle(server);
  const ask = (seconds: number) =>
    pace(port, {
      ...{ perSecond, seconds, connections: CONNECTIONS },
      ...{ seed: 1, processors: "1" },
    });
  await load(server.url, {
    ...{ seconds: WARM_SECONDS, processors: "1" },
    connections: CONNECTIONS,
  });
  await ask(1);
  const before = server.runMs();
  const waits = await ask(Number(flags.seconds));
  return {
    cpuUs: (server.runMs() - before) * 1000 / waits.length,
    p50Ms: percentile(waits, 50),
    p99Ms: percentile(waits, 99),
  };
}

const rows: string[][] = [];
for (const name of RUNTIMES) {
  if (!flags.runtime.split(",").includes(name)) continue;
  for (const rate of flags.rates.split(",").map(Number)) {
    const rounds = await takeRounds<Side, Sample>(SIDES, {
      rounds: Number(flags.rounds),
      measure: (side) => measure(side, name, rate),
      onRound: (number) =>
        console.error(`${name} ${rate} a second, round ${number}`),
    });
    for (const side of SIDES) {
      const of = (what: keyof Sample) =>
        rounds.map((round) => round[side][what]);
      const toOwn = rounds.map((round) =>
        round[side].cpuUs / round["own way"].cpuUs
      );
      rows.push([
        ...[name, String(rate), side],
        ...[median(of("cpuUs")).toFixed(0), spread(toOwn, 2)],
        ...[median(of("p50Ms")).toFixed(2), median(of("p99Ms")).toFixed(2)],
      ]);
    }
  }
}
console.log(heading(
  `"${flags.app}", two workers on processor 0, ${CONNECTIONS} connections that ask from processor 1 as chance has it, ${flags.rounds} rounds of ${flags.seconds} s.`,
));
console.log(table([
  ...["Runtime", "requests/s", "Server", "CPU a request, µs"],
  ...["to the own way (min–max)", "p50 ms", "p99 ms"],
], rows));
process.exit(0);
