/**
 * What does it cost a native server to accept from an inherited socket?
 *
 *     node bench/swap.ts --rounds 6 --seconds 3 --runtime bun,deno
 *
 * Each round starts both servers one after the other in fresh processes, in an
 * order that alternates; the server runs on processor 0, wrk on processor 1.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import type { RuntimeName } from "./support/commands.ts";
import { scriptCommand } from "./support/commands.ts";
import { warmCost } from "./support/cost.ts";
import type { Cost } from "./support/cost.ts";
import { machine, median, spread, table, thousands } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const MODES = ["own", "adopted"] as const;
type Mode = typeof MODES[number];
const CONNECTIONS = 32;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "6" },
    seconds: { type: "string", default: "3" },
    runtime: { type: "string", default: "bun,deno" },
  },
});

async function measure(runtime: RuntimeName, mode: Mode): Promise<Cost> {
  const port = await freePort();
  const script = join(root, "bench", "peers", "adopted.ts");
  const command = scriptCommand(runtime, script, mode, String(port));
  await using server = await startServer({
    port,
    commands: [command],
    processors: "0",
  });
  await settle(server);
  const cost = await warmCost(server, {
    seconds: Number(values.seconds),
    connections: CONNECTIONS,
    processors: "1",
  });
  console.error(`${runtime}, ${mode}: ${JSON.stringify(cost)}`);
  return cost;
}

const rows: string[][] = [];
for (const runtime of values.runtime.split(",") as RuntimeName[]) {
  const rounds = await takeRounds(MODES, {
    rounds: Number(values.rounds),
    measure: (mode) => measure(runtime, mode),
  });
  const ratios = (name: keyof Cost) =>
    rounds.map(({ own, adopted }) => adopted[name] / own[name]);
  const rate = (mode: Mode) =>
    thousands(median(rounds.map((round) => round[mode].perSecond)));
  rows.push([
    runtime,
    rate("adopted"),
    rate("own"),
    spread(ratios("perSecond"), 2),
    spread(ratios("cpuUs"), 2),
  ]);
}
console.log(`${machine()}\n`);
console.log(
  table(
    [
      "Runtime",
      "adopted socket, requests/s",
      "own socket, requests/s",
      "ratio (min–max)",
      "ratio of CPU a request",
    ],
    rows,
  ),
);
