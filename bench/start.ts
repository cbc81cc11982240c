/**
 * How long does corn take until it answers, what does a start cost, and how
 * much memory do two workers take, at rest and once they were loaded?
 *
 *     node bench/start.ts --rounds 5 --seconds 3 --runtime node,bun,deno
 *
 * Beside each other, in an order that turns: the package (`bin/corn.js` and
 * `dist/`, which is built first), on Node with what it has compiled and without;
 * the checkout; the runtime's own way with two workers; and its bare server,
 * one process with the least handler.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import {
  cornCommand,
  nativeCommands,
  RUNTIMES,
  scriptCommand,
} from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { builtPackage } from "./support/package.ts";
import { memory } from "./support/proc.ts";
import { heading, median, megabytes, spread, table } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import type { Round } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";
import type { ServerOptions } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const WORKERS = 2;

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "64" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
  },
});

type Side = "package" | "nothing compiled" | "checkout" | "own way" | "bare";

/** A start in one round. */
interface Sample {
  readonly firstAnswerMs: number;
  /** Processor time of all its processes until they rest. */
  readonly cpuMs: number;
  /** PSS of each process at rest; the arbiter or primary is the first. */
  readonly rest: readonly number[];
  /** The same after the load. */
  readonly loaded: readonly number[];
}

type Starts = readonly Round<Side, Sample>[];

const built = builtPackage();
const app = join(root, "bench", "apps", "hono.ts");

function sidesOf(runtime: RuntimeName): Side[] {
  const node: Side[] = runtime === "node" ? ["nothing compiled"] : [];
  return ["package", ...node, "checkout", "own way", "bare"];
}

function serverOf(
  side: Side,
  { runtime, port }: { runtime: RuntimeName; port: number },
): Omit<ServerOptions, "port"> {
  if (side === "own way") return nativeCommands(runtime, { app, port });
  if (side === "bare") {
    const script = join(root, "bench", "peers", "one.ts");
    return { commands: [scriptCommand(runtime, script, String(port))] };
  }
  const { module, env } = built;
  return {
    commands: [cornCommand(runtime, {
      app,
      port,
      workers: WORKERS,
      ...side !== "checkout" && { module },
    })],
    env: side === "nothing compiled" ? { CORN_COMPILE_CACHE: "off" } : env,
  };
}

async function measure(side: Side, runtime: RuntimeName): Promise<Sample> {
  const port = await freePort();
  await using server = await startServer({
    port,
    ...serverOf(side, { runtime, port }),
  });
  await settle(server);
  const cpuMs = server.cpuMs();
  const pss = () => server.pids().map((pid) => memory(pid).pss);
  const rest = pss();
  await load(server.url, {
    seconds: Number(flags.seconds),
    connections: Number(flags.connections),
  });
  return {
    firstAnswerMs: server.firstAnswerMs,
    cpuMs,
    rest,
    loaded: pss(),
  };
}

async function measureRounds(runtime: RuntimeName): Promise<Starts> {
  const sides = sidesOf(runtime);
  // The first start of each compiles for all others, and fills the system's cache.
  for (const side of sides) await measure(side, runtime);
  return await takeRounds(sides, {
    rounds: Number(flags.rounds),
    measure: (side) => measure(side, runtime),
    onRound: (number, round) =>
      console.error(
        `${runtime} round ${number}: ${
          sides.map((side) =>
            `${side} ${round[side].firstAnswerMs.toFixed(0)} ms, ${
              round[side].cpuMs.toFixed(0)
            } ms CPU, ${megabytes(sum(round[side].loaded))} MB`
          ).join("; ")
        }`,
      ),
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function take(
  rounds: Starts,
  side: Side,
  figure: (sample: Sample) => number,
): number[] {
  return rounds.map((round) => figure(round[side]));
}

/** One side's figure over another's, of the same round each. */
function ratios(
  rounds: Starts,
  [side, other]: readonly [Side, Side],
  figure: (sample: Sample) => number,
): number[] {
  return rounds.map((round) => figure(round[side]) / figure(round[other]));
}

const answer = ({ firstAnswerMs }: Sample) => firstAnswerMs;
const cpu = ({ cpuMs }: Sample) => cpuMs;
const atRest = ({ rest }: Sample) => sum(rest);
const afterLoad = ({ loaded }: Sample) => sum(loaded);

function row(runtime: RuntimeName, side: Side, rounds: Starts): string[] {
  // `deno serve --parallel` is one process, and Bun's two are alike.
  const led = !["own way", "bare"].includes(side) ||
    (side === "own way" && runtime === "node");
  const mean = (values: readonly number[]) => sum(values) / values.length;
  const cell = (figure: (sample: Sample) => number) =>
    megabytes(median(take(rounds, side, figure)));
  const toOwn = (figure: (sample: Sample) => number) =>
    side === "own way"
      ? "1"
      : median(ratios(rounds, [side, "own way"], figure)).toFixed(2);
  return [
    runtime,
    side,
    spread(take(rounds, side, answer), 0),
    toOwn(answer),
    spread(take(rounds, side, cpu), 0),
    toOwn(cpu),
    led ? cell(({ rest }) => rest[0] ?? NaN) : "–",
    cell(({ rest }) => mean(led ? rest.slice(1) : rest)),
    cell(atRest),
    cell(afterLoad),
    toOwn(afterLoad),
  ];
}

/** What the package should reach, and did. */
function aims(runtime: RuntimeName, rounds: Starts): string[][] {
  const aim = (
    subject: string,
    { wanted, values }: { wanted: number; values: readonly number[] },
  ) => [
    runtime,
    subject,
    `≤ ${wanted.toFixed(1)}`,
    spread(values, 2),
    median(values) <= wanted ? "met" : "missed",
  ];
  // 70 and 130 ms where the own ways take 25 and 33.
  const wanted = { node: 1, bun: 70 / 25, deno: 130 / 33 }[runtime];
  const extra = (round: Round<Side, Sample>) =>
    runtime === "node" ? 0 : afterLoad(round.bare);
  return [
    aim("first answer, to the own way", {
      wanted,
      values: ratios(rounds, ["package", "own way"], answer),
    }),
    aim(
      runtime === "node"
        ? "memory after load, to the own way"
        : "memory after load, to the own way and one bare process",
      {
        wanted: 1,
        values: rounds.map((round) =>
          afterLoad(round.package) /
          (afterLoad(round["own way"]) + extra(round))
        ),
      },
    ),
  ];
}

console.log(heading(
  `Hono, ${WORKERS} workers, ${flags.rounds} rounds; load: wrk -t1 -c${flags.connections} -d${flags.seconds}.`,
));
const figures: string[][] = [];
const reached: string[][] = [];
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const rounds = await measureRounds(runtime);
  for (const side of sidesOf(runtime)) figures.push(row(runtime, side, rounds));
  reached.push(...aims(runtime, rounds));
}
console.log(table([
  "Runtime",
  "Server",
  "first answer, ms (min–max)",
  "to the own way",
  "CPU until at rest, ms (min–max)",
  "to the own way",
  "arbiter or primary, MB PSS",
  "a worker",
  "all at rest",
  "all after load",
  "to the own way",
], figures));
console.log("");
console.log(table([
  "Runtime",
  "Aim of the package",
  "wanted",
  "reached (min–max)",
  "",
], reached));
