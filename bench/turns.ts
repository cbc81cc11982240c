/**
 * Does corn reach its aims? All servers of a runtime are up at once, on
 * processor 0, and a load from processor 1 goes to one of them at a time, in
 * turns of a second: what a neighbour does to the machine, it does to all. A
 * ratio is taken of two figures of one round; the table says which aims are met.
 *
 *     node bench/turns.ts --rounds 10 --runtime node,bun,deno
 *     node bench/turns.ts --runtime bun --case hello --side corn,own
 *
 * With `--against PATH` there is one more side, the corn whose mod.ts stands at
 * PATH, and its ratio to corn is shown in each case.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { cornCommand, RUNTIMES, scriptCommand } from "./support/commands.ts";
import type { Command, RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { heading, median, spread, table, thousands } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import type { Round } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";
import type { Server } from "./support/server.ts";
import { AIMS } from "./support/aims.ts";
import type { Aim, Figure, SideName } from "./support/aims.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "10" },
    seconds: { type: "string", default: "1" },
    connections: { type: "string", default: "64" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    case: { type: "string", default: "" },
    side: { type: "string", default: "" },
    against: { type: "string" },
  },
});

/** What is asked for. */
interface Case {
  readonly name: string;
  readonly app: string;
  readonly path: string;
  /** wrk's script, see wrk's SCRIPTING. */
  readonly script?: string;
}

const POST = `
wrk.method = "POST"
wrk.body = string.rep("x", 100 * 1024)
`;

const CASES: readonly Case[] = [
  { name: "hello", app: "bare", path: "" },
  { name: "async JSON", app: "json", path: "" },
  { name: "Hono route", app: "routes", path: "route/7?name=corn" },
  { name: "JSON of 10 kB", app: "routes", path: "json" },
  { name: "stream of 1 MB", app: "routes", path: "stream" },
  { name: "posted 100 kB", app: "routes", path: "post", script: POST },
];

type Sample = Readonly<Record<Figure, number>>;
type Rounds = readonly Round<SideName, Sample>[];

/** How a side is started. */
function commandOf(
  side: SideName,
  { runtime, path, port }: {
    readonly runtime: RuntimeName;
    readonly path: string;
    readonly port: number;
  },
): Command {
  const corn = (module?: string) =>
    cornCommand(runtime, {
      ...{ app: path, port, workers: 1 },
      ...(module !== undefined && { module }),
    });
  const log = ["--access-logfile", "/dev/null", "--access-log-format"];
  switch (side) {
    case "own":
    case "asking":
      return scriptCommand(
        runtime,
        join(root, "bench", "peers", "app.ts"),
        ...[path, String(port)],
        ...(side === "asking" ? [side] : []),
      );
    case "bare":
      return scriptCommand(
        runtime,
        join(root, "bench", "peers", "one.ts"),
        String(port),
      );
    case "corn":
      return corn();
    case "other corn":
      return corn(flags.against);
    case "native":
    case "wire":
      return [...corn(), "--http", side];
    case "metrics":
      return [...corn(), "--metrics", "--admin", "127.0.0.1:0"];
    case "combined":
    case "json":
      return [...corn(), ...log, side];
  }
}

/** The sides that a case's aims speak of. */
function sidesOf(runtime: RuntimeName, name: string): SideName[] {
  const asked = flags.side.split(",");
  const sides = AIMS
    .filter((aim) => aim.runtime === runtime && aim.case === name)
    .flatMap(({ side, to }) => [side, to]);
  if (flags.against !== undefined) sides.push("corn", "other corn");
  return [...new Set(sides)].filter((side) =>
    flags.side === "" || asked.includes(side)
  );
}

/** One turn of one server. */
async function turn(server: Server, { path, file }: {
  readonly path: string;
  readonly file: string | undefined;
}): Promise<Sample> {
  const before = server.runMs();
  const { perSecond, requests, p99Ms } = await load(server.url + path, {
    seconds: Number(flags.seconds),
    connections: Number(flags.connections),
    processors: "1",
    script: file,
  });
  return {
    perSecond,
    p99Ms,
    cpuUs: (server.runMs() - before) * 1000 / requests,
  };
}

async function measure(
  runtime: RuntimeName,
  { name, app, path, script }: Case,
  folder: string,
): Promise<Rounds> {
  const sides = sidesOf(runtime, name);
  if (sides.length === 0) return [];
  await using servers = new AsyncDisposableStack();
  const running = new Map<SideName, Server>();
  for (const side of sides) {
    const port = await freePort();
    const source = join(root, "bench", "apps", `${app}.ts`);
    const command = commandOf(side, { runtime, path: source, port });
    const options = { port, processors: "0", commands: [command] };
    running.set(side, servers.use(await startServer(options)));
  }
  const file = script && join(folder, "wrk.lua");
  if (file !== undefined) writeFileSync(file, script as string);
  const take = (side: SideName) =>
    turn(running.get(side) as Server, { path, file });
  for (const [side, server] of running) {
    await settle(server);
    // A turn to compile what is hot, and one more.
    await take(side);
    await take(side);
  }
  return await takeRounds(sides, {
    rounds: Number(flags.rounds),
    measure: take,
    onRound: (number, round) =>
      console.error(
        `${runtime} ${name} round ${number}: ${
          sides.map((side) =>
            `${side} ${thousands(round[side].perSecond)}/s ${
              round[side].cpuUs.toFixed(2)
            } µs`
          ).join("; ")
        }`,
      ),
  });
}

const UNITS: Readonly<Record<Figure, string>> = {
  perSecond: "requests/s",
  cpuUs: "CPU a request",
  p99Ms: "p99",
};

/** An aim and what was reached, by the median of the rounds' ratios. */
function aimRow(aim: Aim, rounds: Rounds): string[] {
  const ratios = rounds.map((round) =>
    round[aim.side][aim.figure] / round[aim.to][aim.figure]
  );
  const reached = median(ratios);
  const met = aim.figure === "perSecond"
    ? reached >= aim.wanted
    : reached <= aim.wanted;
  return [
    aim.runtime,
    aim.case,
    `${UNITS[aim.figure]}, ${aim.side} to ${aim.to}`,
    `${aim.figure === "perSecond" ? "≥" : "≤"} ${aim.wanted.toFixed(2)}`,
    spread(ratios, 2),
    met ? "met" : "missed",
  ];
}

/** The figures of all sides of a case. */
function figureRows(
  runtime: RuntimeName,
  name: string,
  rounds: Rounds,
): string[][] {
  const [first] = rounds;
  if (first === undefined) return [];
  return (Object.keys(first) as SideName[]).map((side) => {
    const middle = (figure: Figure) =>
      median(rounds.map((round) => round[side][figure]));
    return [
      runtime,
      name,
      side,
      thousands(middle("perSecond")),
      middle("cpuUs").toFixed(1),
      middle("p99Ms").toFixed(2),
    ];
  });
}

console.log(heading(
  `one worker, all servers on processor 0 in turns of ${flags.seconds} s, wrk -t1 -c${flags.connections} on processor 1, ${flags.rounds} rounds.`,
));
const folder = mkdtempSync(join(tmpdir(), "corn-bench-"));
const aims: string[][] = [];
const figures: string[][] = [];
try {
  for (const runtime of RUNTIMES) {
    if (!flags.runtime.split(",").includes(runtime)) continue;
    for (const one of CASES) {
      if (!one.name.includes(flags.case)) continue;
      const rounds = await measure(runtime, one, folder);
      const own = AIMS.filter((aim) =>
        aim.runtime === runtime && aim.case === one.name &&
        rounds.every((round) => aim.side in round && aim.to in round)
      );
      if (rounds.length === 0) continue;
      aims.push(...own.map((aim) => aimRow(aim, rounds)));
      if (flags.against !== undefined) {
        for (const figure of ["perSecond", "cpuUs"] as const) {
          const wanted = figure === "perSecond" ? 0.97 : 1.03;
          aims.push(aimRow({
            ...{ runtime, case: one.name, figure, wanted },
            ...{ side: "corn", to: "other corn" },
          }, rounds));
        }
      }
      figures.push(...figureRows(runtime, one.name, rounds));
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(table(
  ["Runtime", "Case", "Ratio", "wanted", "reached (min–max)", ""],
  aims,
));
console.log("");
console.log(table(
  ["Runtime", "Case", "Server", "requests/s", "CPU a request, µs", "p99 ms"],
  figures,
));
