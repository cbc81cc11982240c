/**
 * What does a middleware that touches the answer cost? The app itself gives each
 * route its turn of a tenth of a second and looks at its process' time
 * (`bench/apps/middleware.ts`): what a neighbour does to the machine, it does to
 * all. A ratio is to the same answer without a middleware.
 *
 *     node bench/middleware.ts --seconds 20
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
import app, { names } from "./apps/middleware.ts";
import type { Figures } from "./apps/middleware.ts";
import {
  cornCommand,
  printedBy,
  RUNTIMES,
  scriptCommand,
} from "./support/commands.ts";
import type { Command, RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { heading, median, table } from "./support/report.ts";
import { startServer } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    here: { type: "boolean", default: false },
    seconds: { type: "string", default: "20" },
    connections: { type: "string", default: "64" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    against: { type: "string" },
  },
});

const WARM_SECONDS = 5;
/**
 * The server's and the load's. On another one the load sleeps the more often,
 * the slower the server is, and to wake it there takes several microseconds of
 * the server's time: a slower route would look slower than it is.
 */
const PROCESSOR = "0";
const ALONE_MS = 10_000;

if (flags.here) {
  const request = new Request("http://localhost/");
  const until = performance.now() + ALONE_MS;
  while (performance.now() < until) {
    await Promise.all(
      Array.from({ length: 256 }, () => app.fetch(request)),
    );
    // The app's clock turns too.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const figures = await app.fetch(new Request("http://localhost/figures"));
  console.log(await figures.text());
  process.exit(0);
}

type Side = "corn" | "other corn" | "wire" | "own" | "alone";

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

/** What the routes take behind a server. */
async function measure(side: Side, runtime: RuntimeName): Promise<Figures> {
  if (side === "alone") {
    return JSON.parse(
      printedBy(runtime, join(root, "bench", "middleware.ts")),
    ) as Figures;
  }
  const port = await freePort();
  const commands = [commandOf(side, runtime, port)];
  await using server = await startServer({
    ...{ port, processors: PROCESSOR, commands },
  });
  const ask = async (seconds: number) => {
    const connections = Number(flags.connections);
    await load(server.url, { seconds, connections, processors: PROCESSOR });
    const answer = await fetch(`${server.url}figures`);
    return await answer.json() as Figures;
  };
  await ask(WARM_SECONDS);
  return await ask(Number(flags.seconds));
}

const sides: readonly Side[] = flags.against === undefined
  ? ["corn", "wire", "own", "alone"]
  : ["corn", "other corn", "wire", "own", "alone"];

console.log(heading(
  `one worker and wrk -t1 -c${flags.connections} on one processor for ${flags.seconds} s, after ${WARM_SECONDS} s; processor time a request in µs, the median of turns of 0.1 s, and its ratio to "plain".`,
));
const rows: string[][] = [];
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const columns: Figures[] = [];
  for (const side of sides) columns.push(await measure(side, runtime));
  for (const route of names) {
    rows.push([
      runtime,
      route,
      ...columns.map((figures) => {
        const cost = median(figures[route] ?? []);
        const ratio = cost / median(figures.plain ?? []);
        return `${cost.toFixed(1)} (${ratio.toFixed(2)})`;
      }),
    ]);
  }
}
console.log(table(["Runtime", "Route", ...sides], rows));
