/**
 * What does the wire engine serve beside the native one?
 *
 *     node bench/engines.ts --runtime node --rounds 4 --seconds 2
 *
 * One worker on processor 0, wrk on processor 1. Each round starts fresh
 * processes of every side, in an order that turns; a ratio is taken of two
 * figures of one round. `bare` is the runtime's own server with the least
 * handler, without corn.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { cornCommand, RUNTIMES, scriptCommand } from "./support/commands.ts";
import type { Command, RuntimeName } from "./support/commands.ts";
import { warmCost } from "./support/cost.ts";
import type { Cost } from "./support/cost.ts";
import { heading, median, spread, table, thousands } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import type { Round } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "4" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "32" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    case: { type: "string", default: "" },
  },
});

/** What is asked for. */
interface Case {
  readonly name: string;
  readonly app: "bare" | "routes";
  readonly path: string;
  /** wrk's script, see wrk's SCRIPTING. */
  readonly script?: string;
  /** True with an access log, to a file that keeps nothing. */
  readonly access?: boolean;
  /** True where the bare server is measured too. */
  readonly bare?: boolean;
}

const PIPELINE = `
init = function() all = string.rep(wrk.format(nil, nil), 16) end
request = function() return all end
`;
const POST = `
wrk.method = "POST"
wrk.body = string.rep("x", 100 * 1024)
`;

const cases: readonly Case[] = [
  { name: "hello", app: "bare", path: "", bare: true },
  { name: "hello, access log", app: "bare", path: "", access: true },
  { name: "hello, 16 pipelined", app: "bare", path: "", script: PIPELINE },
  { name: "Hono hello", app: "routes", path: "" },
  { name: "Hono route", app: "routes", path: "route/7?name=corn" },
  { name: "JSON of 10 kB", app: "routes", path: "json" },
  { name: "stream of 1 MB", app: "routes", path: "stream" },
  { name: "posted 100 kB", app: "routes", path: "post", script: POST },
];

const sides = ["wire", "native", "bare"] as const;
type Side = typeof sides[number];

function commandOf(
  side: Side,
  { runtime, app, access, port }: {
    readonly runtime: RuntimeName;
    readonly app: string;
    readonly access: boolean | undefined;
    readonly port: number;
  },
): Command {
  const path = join(root, "bench", "apps", `${app}.ts`);
  if (side === "bare") {
    const script = join(root, "bench", "peers", "one.ts");
    return scriptCommand(runtime, script, String(port));
  }
  return [
    ...cornCommand(runtime, { app: path, port, workers: 1 }),
    "--http",
    side,
    ...(access ? ["--access-logfile", "/dev/null"] : []),
  ];
}

/** What one side did in each case, by name. */
type Costs = ReadonlyMap<string, Cost>;

async function measure(
  side: Side,
  { runtime, folder }: { runtime: RuntimeName; folder: string },
): Promise<Costs> {
  const costs = new Map<string, Cost>();
  const asked = cases.filter(({ name, bare }) =>
    name.includes(flags.case) && (side !== "bare" || bare === true)
  );
  const kindOf = ({ app, access }: Case) => `${app} ${access}`;
  for (const kind of new Set(asked.map(kindOf))) {
    const group = asked.filter((one) => kindOf(one) === kind);
    const [{ app, access }] = group as [Case];
    const port = await freePort();
    await using server = await startServer({
      port,
      processors: "0",
      commands: [commandOf(side, { runtime, app, access, port })],
    });
    await settle(server);
    for (const { name, path, script } of group) {
      const file = script && join(folder, "wrk.lua");
      if (file !== undefined) writeFileSync(file, script as string);
      const cost = await warmCost(server, {
        path,
        seconds: Number(flags.seconds),
        connections: Number(flags.connections),
        processors: "1",
        script: file,
      });
      costs.set(name, cost);
    }
  }
  return costs;
}

/** One case's figures, and what wire's are beside the others'. */
function rowOf(
  name: string,
  rounds: readonly Round<Side, Costs>[],
): string[] {
  const figures = (side: Side, figure: keyof Cost) =>
    rounds.map((round) => round[side].get(name)?.[figure] ?? NaN);
  const known = (side: Side) => !figures(side, "cpuUs").some(Number.isNaN);
  const rate = (side: Side) =>
    known(side) ? thousands(median(figures(side, "perSecond"))) : "–";
  const ratio = (other: Side, figure: keyof Cost) => {
    if (!known(other)) return "–";
    const others = figures(other, figure);
    return spread(
      figures("wire", figure).map((own, at) => own / (others[at] as number)),
      2,
    );
  };
  return [
    rate("wire"),
    rate("native"),
    `**${ratio("native", "perSecond")}**`,
    ratio("native", "cpuUs"),
    rate("bare"),
    ratio("bare", "perSecond"),
    ratio("bare", "cpuUs"),
  ];
}

const folder = mkdtempSync(join(tmpdir(), "corn-bench-"));
const rows: string[][] = [];
console.log(heading(
  `one worker on processor 0, wrk -t1 -c${flags.connections} -d${flags.seconds} on processor 1, ${flags.rounds} rounds.`,
));
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const rounds = await takeRounds(sides, {
    rounds: Number(flags.rounds),
    measure: (side) => measure(side, { runtime, folder }),
    onRound: (number) =>
      console.error(`${runtime} round ${number} of ${flags.rounds}`),
  });
  for (const { name } of cases) {
    if (rounds.some(({ wire }) => !wire.has(name))) continue;
    rows.push([runtime, name, ...rowOf(name, rounds)]);
  }
}
rmSync(folder, { recursive: true });
console.log(table([
  "Runtime",
  "Case",
  "wire, requests/s",
  "native",
  "wire / native (min–max)",
  "CPU a request, wire / native",
  "bare server",
  "wire / bare",
  "CPU a request, wire / bare",
], rows));
