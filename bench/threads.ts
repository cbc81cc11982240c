/**
 * What do event loops cost that are threads of one process, beside as many
 * processes: memory, at rest and once they were loaded, and a start?
 *
 *     node bench/threads.ts --rounds 3 --loops 4 --runtime node,bun,deno
 *
 * Beside each other, in an order that turns: one process, so many processes, one
 * process of so many threads.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { memory } from "./support/proc.ts";
import { heading, median, megabytes, spread, table } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import type { Round } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    loops: { type: "string", default: "4" },
    seconds: { type: "string", default: "2" },
    app: { type: "string", default: join("bench", "apps", "hono.ts") },
    runtime: { type: "string", default: RUNTIMES.join(",") },
  },
});
const loops = Number(flags.loops);

type Side = "one" | "processes" | "threads";
const SIDES: readonly Side[] = ["one", "processes", "threads"];

interface Sample {
  readonly firstAnswerMs: number;
  /** Processor time of all processes until they rest. */
  readonly cpuMs: number;
  /** PSS of all workers' processes at rest, without the arbiter. */
  readonly rest: number;
  /** The same after the load. */
  readonly loaded: number;
}

async function measure(side: Side, runtime: RuntimeName): Promise<Sample> {
  const port = await freePort();
  const command = cornCommand(runtime, {
    app: join(root, flags.app),
    port,
    workers: side === "processes" ? loops : 1,
  });
  const threads = side === "threads" ? ["--threads", flags.loops] : [];
  await using server = await startServer({
    port,
    commands: [[...command, ...threads]],
  });
  await settle(server);
  const cpuMs = server.cpuMs();
  // The arbiter is the first.
  const pss = () =>
    server.pids().slice(1).reduce((sum, pid) => sum + memory(pid).pss, 0);
  const rest = pss();
  await load(server.url, { seconds: Number(flags.seconds), connections: 64 });
  return { firstAnswerMs: server.firstAnswerMs, cpuMs, rest, loaded: pss() };
}

type Rounds = readonly Round<Side, Sample>[];

/** What a loop more costs than the first: in each round. */
function each(
  rounds: Rounds,
  side: Side,
  figure: (sample: Sample) => number,
): number[] {
  return rounds.map((round) =>
    (figure(round[side]) - figure(round.one)) / (loops - 1)
  );
}

function row(runtime: RuntimeName, side: Side, rounds: Rounds): string[] {
  const all = (figure: (sample: Sample) => number) =>
    rounds.map((round) => figure(round[side]));
  const more = (figure: (sample: Sample) => number, digits: number) =>
    side === "one" ? "–" : median(each(rounds, side, figure)).toFixed(digits);
  const mb = (bytes: number) => bytes / 1024 / 1024;
  return [
    runtime,
    {
      one: "1 process",
      processes: `${loops} processes`,
      threads: `${loops} threads`,
    }[side],
    megabytes(median(all(({ rest }) => rest))),
    more(({ rest }) => mb(rest), 1),
    megabytes(median(all(({ loaded }) => loaded))),
    more(({ loaded }) => mb(loaded), 1),
    spread(all(({ cpuMs }) => cpuMs), 0),
    more(({ cpuMs }) => cpuMs, 0),
    spread(all(({ firstAnswerMs }) => firstAnswerMs), 0),
  ];
}

console.log(heading(
  `${flags.app}, ${loops} event loops, ${flags.rounds} rounds; load: wrk -t1 -c64 -d${flags.seconds}.`,
));
const rows: string[][] = [];
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  // The first start of each fills the system's cache.
  for (const side of SIDES) await measure(side, runtime);
  const rounds = await takeRounds(SIDES, {
    rounds: Number(flags.rounds),
    measure: (side) => measure(side, runtime),
    onRound: (number) => console.error(`${runtime} round ${number}`),
  });
  for (const side of SIDES) rows.push(row(runtime, side, rounds));
}
console.log(table([
  "Runtime",
  "Event loops",
  "MB PSS at rest, without the arbiter",
  "each more",
  "after load",
  "each more",
  "CPU of the start, ms (min–max)",
  "each more",
  "first answer, ms (min–max)",
], rows));
