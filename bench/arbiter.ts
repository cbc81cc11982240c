/**
 * What does the arbiter itself use: the processor, at rest and under load, and
 * the time of one decision?
 *
 *     node bench/arbiter.ts --seconds 10 --rounds 3 --runtime node,bun,deno
 */
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Bench } from "tinybench";
import { root } from "../scripts/tools.ts";
import { advance, createPool } from "../src/arbiter/pool/pool.ts";
import type { PoolEvent, PoolState } from "../src/arbiter/pool/state.ts";
import { cornCommand, printedBy, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { cpuMs, sleeps } from "./support/proc.ts";
import { machine, spread, table, thousands } from "./support/report.ts";
import { settle, sleep, startServer } from "./support/server.ts";
import { freePort } from "../tests/support/machine/ports.ts";

const WORKERS = 4;
/** Until the runtime's own work after a start, such as compiling, is over too; and as long under load, with which it begins anew. */
const CALM_MS = 20_000;
/** Events in one sample of the step benchmark. */
const EVENTS = 1024;

const { values: flags } = parseArgs({
  options: {
    here: { type: "boolean", default: false },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    corn: { type: "string", default: join(root, "mod.ts") },
  },
});

interface Figures {
  /** Per cent of one processor. */
  readonly idle: number;
  readonly loaded: number;
  /** Times a second that the arbiter woke. */
  readonly idleWakes: number;
  readonly loadedWakes: number;
  readonly requests: number;
}

async function measure(runtime: RuntimeName): Promise<Figures> {
  const port = await freePort();
  const command = cornCommand(runtime, {
    app: join(root, "bench", "apps", "hono.ts"),
    port,
    workers: WORKERS,
    module: flags.corn,
  });
  await using server = await startServer({ port, commands: [command] });
  await settle(server);
  await sleep(CALM_MS);
  const [arbiter = 0] = server.pids();
  const seconds = Number(flags.seconds);

  async function during(work: () => Promise<unknown>) {
    const [cpu, woken, began] = [
      cpuMs(arbiter),
      sleeps(arbiter),
      performance.now(),
    ];
    await work();
    const ms = performance.now() - began;
    return {
      percent: (cpuMs(arbiter) - cpu) * 100 / ms,
      wakes: (sleeps(arbiter) - woken) * 1000 / ms,
    };
  }

  const idle = await during(() => sleep(seconds * 1000));
  let requests = 0;
  const work = (seconds: number) =>
    load(server.url, { seconds, connections: 64 });
  await work(CALM_MS / 1000);
  const loaded = await during(async () => {
    requests = (await work(seconds)).perSecond;
  });
  return {
    idle: idle.percent,
    loaded: loaded.percent,
    idleWakes: idle.wakes,
    loadedWakes: loaded.wakes,
    requests,
  };
}

/** A pool whose workers are all ready, each with its own queue. */
function readyPool(): PoolState {
  const moment = { now: 0, random: () => 0.5 };
  const limits = {
    bootMs: 60_000,
    silenceMs: 30_000,
    slowMs: 0,
    gracefulMs: 30_000,
    drainDelayMs: 0,
  };
  const sockets = { id: 1, queues: WORKERS, fresh: true };
  let pool = createPool({ wanted: WORKERS, limits, sockets, surge: 1 });
  pool = advance(pool, { type: "tick" }, moment).state;
  for (const { age } of pool.children) {
    pool = advance(pool, { type: "ready", age }, moment).state;
  }
  return pool;
}

/** Steps a second, for beats of a busy pool. */
async function measureSteps(): Promise<number> {
  let pool = readyPool();
  const ages = pool.children.map(({ age }) => age);
  let now = 0;
  const random = () => 0.5;
  const bench = new Bench({ time: 500, warmupTime: 200 });
  bench.add("advance", () => {
    for (let step = 0; step < EVENTS; step++) {
      now += 25 / WORKERS;
      const age = ages[step % WORKERS] ?? 0;
      const event: PoolEvent = { type: "beat", age, busy: true };
      pool = advance(pool, event, { now, random }).state;
    }
  });
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result === undefined || !("latency" in result)) {
    throw new Error(`Cannot measure advance(): ${result?.state}`);
  }
  if (pool.children.some(({ phase }) => phase !== "ready")) {
    throw new Error("Cannot measure advance(): the pool did not stay ready");
  }
  return EVENTS * 1000 / result.latency.p50;
}

if (flags.here) {
  console.log(await measureSteps());
  process.exit(0);
}

console.log(`${machine()}\n`);
const rows: string[][] = [];
for (const runtime of RUNTIMES) {
  if (!flags.runtime.split(",").includes(runtime)) continue;
  const rounds: Figures[] = [];
  const steps: number[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    rounds.push(await measure(runtime));
    steps.push(Number(printedBy(runtime, fileURLToPath(import.meta.url))));
  }
  const cell = (name: keyof Figures, digits: number) =>
    spread(rounds.map((figures) => figures[name]), digits);
  rows.push([
    runtime,
    cell("idle", 2),
    cell("idleWakes", 0),
    cell("loaded", 2),
    cell("loadedWakes", 0),
    thousands(Math.max(...rounds.map(({ requests }) => requests))),
    spread(steps.map((count) => count / 1e6), 2),
  ]);
}
console.log(table([
  "Runtime",
  "idle, % of a processor (min–max)",
  "wakes/s",
  "loaded, %",
  "wakes/s",
  "at requests/s",
  "advance(), million steps/s",
], rows));
