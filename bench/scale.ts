/**
 * Does corn stay linear? Three rows of figures on each runtime, beside what the
 * arbiter uses in each: workers from 1 to 16, connections from 10 to 10,000, and
 * how long a reload takes by workers.
 *
 *     node bench/scale.ts --seconds 3 --runtime node,bun,deno
 *     node bench/scale.ts --svg docs/pictures/scale.svg
 *
 * On a machine of P processors the rate ends to rise at P workers: what must
 * not happen beyond is that it falls, or that the arbiter's share rises faster
 * than the workers.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { plot } from "./support/plot.ts";
import { memory, runMs } from "./support/proc.ts";
import { heading, megabytes, table, thousands } from "./support/report.ts";
import { settle, sleep, startServer } from "./support/server.ts";
import type { Server } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const { values: flags } = parseArgs({
  options: {
    runtime: { type: "string", default: RUNTIMES.join(",") },
    seconds: { type: "string", default: "3" },
    workers: { type: "string", default: "1,2,4,8,16" },
    connections: { type: "string", default: "10,100,1000,10000" },
    /** A file for the plot. */
    svg: { type: "string" },
  },
});

const numbers = (text: string) => text.split(",").map(Number);
const seconds = Number(flags.seconds);
/** Connections while workers are counted. */
const CONNECTIONS = 64;
/** Workers while connections are counted. */
const WORKERS = availableParallelism();
const POLL_MS = 5;
const RELOAD_MS = 120_000;

interface Point {
  readonly workers: number;
  readonly connections: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  /** The arbiter's share of one processor, per cent. */
  readonly arbiter: number;
  readonly memory: number;
}

function start(
  runtime: RuntimeName,
  { workers, port }: { readonly workers: number; readonly port: number },
): Promise<Server> {
  const app = join(root, "bench", "apps", "bare.ts");
  const command = cornCommand(runtime, { app, port, workers });
  return startServer({ port, commands: [command] });
}

async function loaded(
  server: Server,
  { workers, connections }: Pick<Point, "workers" | "connections">,
): Promise<Point> {
  const [arbiter = 0] = server.pids();
  await load(server.url, { seconds: 1, connections });
  const [used, began] = [runMs(arbiter), performance.now()];
  const { perSecond, p99Ms } = await load(server.url, { seconds, connections });
  const share = (runMs(arbiter) - used) * 100 / (performance.now() - began);
  const bytes = server.pids().reduce((sum, pid) => sum + memory(pid).pss, 0);
  return {
    ...{ workers, connections, perSecond, p99Ms },
    arbiter: share,
    memory: bytes,
  };
}

/** From HUP until none of the old workers is left and as many new ones are there. */
async function reloadMs(server: Server, workers: number): Promise<number> {
  const [arbiter = 0, ...old] = server.pids();
  const began = performance.now();
  process.kill(arbiter, "SIGHUP");
  for (;;) {
    await sleep(POLL_MS);
    const now = server.pids();
    const gone = !old.some((pid) => now.includes(pid));
    if (gone && now.length === workers + 1) break;
    if (performance.now() - began > RELOAD_MS) {
      throw new Error(
        `Cannot measure a reload of ${workers} workers: not done in 120 s`,
      );
    }
  }
  return performance.now() - began;
}

const workerRows: string[][] = [];
const connectionRows: string[][] = [];
const lines: { name: string; points: [number, number][] }[] = [];
console.log(heading(
  `hello, wrk -t1 -d${seconds} on all processors, ${WORKERS} of them.`,
));
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const points: [number, number][] = [];
  for (const workers of numbers(flags.workers)) {
    await using server = await start(runtime, {
      ...{ workers, port: await freePort() },
    });
    await settle(server);
    const point = await loaded(server, { workers, connections: CONNECTIONS });
    await settle(server);
    const ms = await reloadMs(server, workers);
    points.push([workers, point.perSecond]);
    workerRows.push([
      runtime,
      String(workers),
      thousands(point.perSecond),
      point.p99Ms.toFixed(2),
      point.arbiter.toFixed(2),
      megabytes(point.memory),
      thousands(ms),
      thousands(ms / workers),
    ]);
    console.error(workerRows.at(-1)?.join(" "));
  }
  lines.push({ name: runtime, points });
  await using server = await start(runtime, {
    ...{ workers: WORKERS, port: await freePort() },
  });
  await settle(server);
  for (const connections of numbers(flags.connections)) {
    const point = await loaded(server, { workers: WORKERS, connections });
    connectionRows.push([
      runtime,
      thousands(connections),
      thousands(point.perSecond),
      point.p99Ms.toFixed(2),
      point.arbiter.toFixed(2),
      megabytes(point.memory),
    ]);
    console.error(connectionRows.at(-1)?.join(" "));
  }
}
console.log(table([
  "Runtime",
  "workers",
  "requests/s",
  "p99 ms",
  "arbiter, % of a processor",
  "all, MB PSS",
  "reload, ms",
  "a worker, ms",
], workerRows));
console.log("");
console.log(table([
  "Runtime",
  "connections",
  "requests/s",
  "p99 ms",
  "arbiter, % of a processor",
  "all, MB PSS",
], connectionRows));
if (flags.svg !== undefined) {
  writeFileSync(
    flags.svg,
    plot(lines, { x: "workers", y: "requests a second", logarithmic: true }),
  );
}
