/**
 * What does corn cost against the runtime's own way to serve with two workers?
 *
 *     node bench/throughput.ts --rounds 6 --seconds 3 --runtime node,bun,deno
 *
 * Each round starts both in fresh processes, one after the other, in an order
 * that alternates; a ratio is taken of the two figures of one round. With
 * `--pin` both workers share processor 0 and wrk has processor 1: less like
 * life, less noise. With `--against PATH` the other side is the corn whose
 * mod.ts stands at PATH instead of the runtime's own way.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { cornCommand, nativeCommands, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import type { Load } from "./support/load.ts";
import { cpuMs, memory } from "./support/proc.ts";
import type { Memory } from "./support/proc.ts";
import {
  heading,
  median,
  megabytes,
  spread,
  table,
  thousands,
} from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import type { Round } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const WARM_SECONDS = 1;

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "6" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "32" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    app: { type: "string", default: "hono,bare,json" },
    corn: { type: "string", default: join(root, "mod.ts") },
    against: { type: "string" },
    pin: { type: "boolean", default: false },
  },
});

/** What tables call the other side. */
const other = flags.against === undefined ? "own way" : "other corn";

const sides = ["corn", "other"] as const;
type Side = typeof sides[number];

/** One side in one round. */
interface Sample extends Load {
  /** Processor time of all its processes, a request. */
  readonly cpuUs: number;
  /** The part of that which the busiest process used: half where the load was spread well. */
  readonly busiest: number;
  readonly firstAnswerMs: number;
  /** After the load, each process; the arbiter is the first. */
  readonly memory: readonly Memory[];
}

type Pair = Round<Side, Sample>;

async function measure(
  side: Side,
  { runtime, app }: { runtime: RuntimeName; app: string },
): Promise<Sample> {
  const port = await freePort();
  const path = join(root, "bench", "apps", `${app}.ts`);
  const module = side === "corn" ? flags.corn : flags.against;
  await using server = await startServer({
    port,
    processors: flags.pin ? "0" : undefined,
    ...(module === undefined ? nativeCommands(runtime, { app: path, port }) : {
      commands: [
        cornCommand(runtime, { app: path, port, workers: 2, module }),
      ],
    }),
  });
  await settle(server);
  const options = {
    connections: Number(flags.connections),
    processors: flags.pin ? "1" : undefined,
  };
  await load(server.url, { ...options, seconds: WARM_SECONDS });
  const pids = server.pids();
  const before = pids.map(cpuMs);
  const result = await load(server.url, {
    ...options,
    seconds: Number(flags.seconds),
  });
  const used = pids.map((pid, index) => cpuMs(pid) - (before[index] ?? 0));
  const all = used.reduce((total, ms) => total + ms, 0);
  return {
    ...result,
    cpuUs: all * 1000 / result.requests,
    busiest: Math.max(...used) / all,
    firstAnswerMs: server.firstAnswerMs,
    memory: pids.map(memory),
  };
}

function measureRounds(
  target: { runtime: RuntimeName; app: string },
): Promise<Pair[]> {
  return takeRounds(sides, {
    rounds: Number(flags.rounds),
    measure: (side) => measure(side, target),
    onRound: (number, round) =>
      console.error(
        `${target.runtime} ${target.app} round ${number}: ${
          sides.map((side) =>
            `${side} ${thousands(round[side].perSecond)}/s p99 ${
              round[side].p99Ms.toFixed(2)
            } ms, ${round[side].cpuUs.toFixed(1)} µs CPU, busiest ${
              round[side].busiest.toFixed(2)
            }`
          ).join("; ")
        }; ratio ${ratios([round], "perSecond")[0]?.toFixed(3)}`,
      ),
  });
}

type Figure = "perSecond" | "cpuUs" | "busiest" | "p99Ms" | "firstAnswerMs";

function figures(rounds: readonly Pair[], side: Side, figure: Figure) {
  return rounds.map((round) => round[side][figure]);
}

function ratios(rounds: readonly Pair[], figure: Figure): number[] {
  return rounds.map(({ corn, other }) => corn[figure] / other[figure]);
}

function speedRow(name: string, app: string, rounds: readonly Pair[]) {
  const both = (figure: Figure, text: (value: number) => string) =>
    sides.map((side) => text(median(figures(rounds, side, figure))));
  return [
    name,
    app,
    ...both("perSecond", thousands),
    `**${spread(ratios(rounds, "perSecond"), 2)}**`,
    ratios(rounds, "perSecond").map((ratio) => ratio.toFixed(2)).join(" "),
    ...both("p99Ms", (value) => value.toFixed(2)),
    spread(ratios(rounds, "cpuUs"), 2),
    spread(figures(rounds, "corn", "busiest"), 2),
  ];
}

/** Median of each kind of process: the arbiter or primary, a worker, all together. */
function costRow(name: string, side: Side, rounds: readonly Pair[]) {
  const samples = rounds.map((round) => round[side]);
  const cell = (pick: (all: readonly Memory[]) => readonly Memory[]) => {
    const kinds = (["pss", "rss"] as const).map((kind) =>
      samples.flatMap((sample) => pick(sample.memory).map((one) => one[kind]))
    );
    return kinds[0]?.length === 0
      ? "–"
      : kinds.map((values) => megabytes(median(values))).join(" / ");
  };
  // `deno serve --parallel` is one process, and Bun's two are alike.
  const led = side === "corn" || flags.against !== undefined || name === "node";
  return [
    name,
    side === "corn" ? "corn" : other,
    led ? cell((all) => all.slice(0, 1)) : "–",
    cell((all) => led ? all.slice(1) : all),
    megabytes(
      median(
        samples.map(({ memory }) =>
          memory.reduce((sum, { pss }) => sum + pss, 0)
        ),
      ),
    ),
    spread(samples.map(({ firstAnswerMs }) => firstAnswerMs), 0),
  ];
}

const speed: string[][] = [];
const cost: string[][] = [];
console.log(heading(
  `wrk -t1 -c${flags.connections} -d${flags.seconds}, ${flags.rounds} rounds.`,
));
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const apps = flags.app.split(",");
  for (const app of apps) {
    const rounds = await measureRounds({ runtime, app });
    speed.push(speedRow(runtime, app, rounds));
    if (app !== apps[0]) continue;
    cost.push(costRow(runtime, "corn", rounds));
    cost.push(costRow(runtime, "other", rounds));
  }
}
console.log(table([
  "Runtime",
  "App",
  "corn, requests/s",
  `${other}, requests/s`,
  "ratio (min–max)",
  "ratio of each round",
  "p99 ms, corn",
  `p99 ms, ${other}`,
  "ratio of CPU a request",
  "busiest worker's part",
], speed));
console.log("");
console.log(table([
  "Runtime",
  "Server",
  "arbiter or primary, MB PSS / RSS",
  "a worker",
  "all, MB PSS",
  "first answer, ms (min–max)",
], cost));
