/**
 * What does the access log cost?
 *
 *     node bench/access-log.ts --rounds 3 --runtime node,bun,deno
 *
 * One worker on processor 0 serves an app that does nothing, without a log and
 * with each format to a file; the order changes from round to round.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { warmCost } from "./support/cost.ts";
import type { Cost } from "./support/cost.ts";
import { heading, median, spread, table, thousands } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import { startServer } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "32" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
  },
});

/** The formats, and none. */
const sides = ["none", "combined", "json"] as const;
type Side = typeof sides[number];

/** The engines of each runtime that are measured. */
const engines: readonly (readonly [RuntimeName, "native" | "wire"])[] = [
  ["node", "native"],
  ["node", "wire"],
  ["bun", "native"],
  ["deno", "native"],
];

async function measure(
  side: Side,
  [runtime, engine]: readonly [RuntimeName, "native" | "wire"],
): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), "corn-bench-"));
  const port = await freePort();
  const app = join(root, "bench", "apps", "bare.ts");
  const log = side === "none" ? [] : [
    ...["--access-logfile", join(folder, "access.log")],
    ...["--access-log-format", side],
  ];
  try {
    await using server = await startServer({
      port,
      processors: "0",
      commands: [[
        ...cornCommand(runtime, { app, port, workers: 1 }),
        ...["--http", engine, ...log],
      ]],
    });
    return await warmCost(server, {
      seconds: Number(flags.seconds),
      connections: Number(flags.connections),
      processors: "1",
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

console.log(heading(
  `one worker on processor 0, wrk -t1 -c${flags.connections} -d${flags.seconds} on processor 1, ${flags.rounds} rounds.`,
));
const rows: string[][] = [];
for (const pair of engines) {
  const [runtime, engine] = pair;
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const rounds = await takeRounds(sides, {
    rounds: Number(flags.rounds),
    measure: (side) => measure(side, pair),
  });
  const ratio = (side: Side, figure: keyof Cost) =>
    spread(rounds.map((round) => round[side][figure] / round.none[figure]), 2);
  rows.push([
    runtime,
    engine,
    thousands(median(rounds.map(({ none }) => none.perSecond))),
    ratio("combined", "perSecond"),
    ratio("json", "perSecond"),
    median(rounds.map(({ none }) => none.cpuUs)).toFixed(1),
    ratio("combined", "cpuUs"),
    ratio("json", "cpuUs"),
  ]);
}
console.log(table([
  "Runtime",
  "Engine",
  "without, requests/s",
  "combined / none (min–max)",
  "json / none (min–max)",
  "CPU a request without, µs",
  "combined / none",
  "json / none",
], rows));
