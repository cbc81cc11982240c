/**
 * What does a middleware that touches the answer cost? Each route has a server of
 * its own, and all of a kind are up at once and loaded in turns of a second: what
 * a neighbour does to the machine, it does to all. A ratio is to the same answer
 * without a middleware, of one round.
 *
 *     node bench/middleware.ts --rounds 8
 *     node bench/middleware.ts --runtime bun --against PATH
 *
 * "corn" has the engine that it takes by itself, "wire" its own. "alone" is the
 * app called in a loop, without a server, each answer left unread: what the
 * middleware takes with the runtime's own classes. With `--against PATH` there is
 * one more server, the corn whose mod.ts stands at PATH.
 */
import process from "node:process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { appOf, names } from "./apps/middleware.ts";
import {
  cornCommand,
  printedBy,
  RUNTIMES,
  scriptCommand,
} from "./support/commands.ts";
import type { Command, RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { heading, median, table } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import type { Round } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";
import type { Server } from "./support/server.ts";

const { values: flags, positionals } = parseArgs({
  options: {
    here: { type: "boolean", default: false },
    rounds: { type: "string", default: "8" },
    connections: { type: "string", default: "64" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    against: { type: "string" },
  },
  allowPositionals: true,
});

/**
 * The servers' and the load's. On another one the load sleeps the more often,
 * the slower the server is, and to wake it there takes several microseconds of
 * the server's time: a slower route would look slower than it is.
 */
const PROCESSOR = "0";
/** Turns that are not counted: what is hot is compiled in them. */
const WARM_TURNS = 3;
const ALONE_MS = 3000;
const ALONE_CALLS = 256;

if (flags.here) {
  const app = appOf(positionals[0] as string);
  const request = new Request("http://localhost/");
  const spans: number[] = [];
  const until = performance.now() + ALONE_MS;
  while (performance.now() < until) {
    const before = process.cpuUsage();
    await Promise.all(
      Array.from({ length: ALONE_CALLS }, () => app.fetch(request)),
    );
    // What is left of them is done in the next turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const { user, system } = process.cpuUsage(before);
    spans.push((user + system) / ALONE_CALLS);
  }
  console.log(median(spans));
  process.exit(0);
}

type Side = "corn" | "other corn" | "wire" | "own";

function commandOf(side: Side, runtime: RuntimeName, port: number): Command {
  const path = join(root, "bench", "apps", "middleware.ts");
  if (side === "own") {
    const script = join(root, "bench", "peers", "app.ts");
    return scriptCommand(runtime, script, path, String(port));
  }
  const corn = cornCommand(runtime, {
    ...{ app: path, port, workers: 1 },
    ...(side === "other corn" && { module: flags.against as string }),
  });
  return side === "wire" ? [...corn, "--http", "wire"] : corn;
}

/** Microseconds of processor time a request of each route, in each round. */
type Rounds = readonly Round<string, number>[];

/** What the routes take behind a server. */
async function measure(side: Side, runtime: RuntimeName): Promise<Rounds> {
  await using servers = new AsyncDisposableStack();
  const running = new Map<string, Server>();
  for (const name of names) {
    const port = await freePort();
    const commands = [commandOf(side, runtime, port)];
    const options = { port, processors: PROCESSOR, commands };
    running.set(
      name,
      servers.use(await startServer({ ...options, env: { ROUTE: name } })),
    );
  }
  const take = async (name: string) => {
    const server = running.get(name) as Server;
    const before = server.runMs();
    const { requests } = await load(server.url, {
      seconds: 1,
      connections: Number(flags.connections),
      processors: PROCESSOR,
    });
    return (server.runMs() - before) * 1000 / requests;
  };
  for (const [name, server] of running) {
    await settle(server);
    for (let turn = 0; turn < WARM_TURNS; turn++) await take(name);
  }
  return await takeRounds(names, {
    rounds: Number(flags.rounds),
    measure: take,
    onRound: (number, round) =>
      console.error(
        `${runtime} ${side} round ${number}: ${
          names.map((name) => `${name} ${round[name]?.toFixed(1)}`).join("; ")
        }`,
      ),
  });
}

/** What the routes take by themselves: each in a process of its own. */
function alone(runtime: RuntimeName): Rounds {
  const bench = join(root, "bench", "middleware.ts");
  return [
    Object.fromEntries(
      names.map((name) => [name, Number(printedBy(runtime, bench, name))]),
    ),
  ];
}

/** A route's processor time, and the median of the rounds' ratios to the plain answer. */
function cell(rounds: Rounds, name: string): string {
  const cost = (round: Round<string, number>, of: string) => round[of] ?? NaN;
  const ratio = median(
    rounds.map((round) => cost(round, name) / cost(round, "plain")),
  );
  const middle = median(rounds.map((round) => cost(round, name)));
  return `${middle.toFixed(1)} (${ratio.toFixed(2)})`;
}

const sides: readonly Side[] = flags.against === undefined
  ? ["corn", "wire", "own"]
  : ["corn", "other corn", "wire", "own"];

console.log(heading(
  `a server for each route, one worker, all of them and wrk -t1 -c${flags.connections} on one processor in turns of 1 s, ${flags.rounds} rounds; processor time a request in µs, arbiter included, and the median of its ratios to "plain".`,
));
const rows: string[][] = [];
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const columns: Rounds[] = [];
  for (const side of sides) columns.push(await measure(side, runtime));
  columns.push(alone(runtime));
  for (const name of names) {
    rows.push([runtime, name, ...columns.map((rounds) => cell(rounds, name))]);
  }
}
console.log(table(["Runtime", "Route", ...sides, "alone"], rows));
