/**
 * What does a call of a task cost, beside piscina and a bare message to a
 * thread, and what does work in tasks do to other requests?
 *
 *     node bench/tasks.ts --runtime node,bun,deno
 *     node bench/tasks.ts --beside 36
 *     node bench/tasks.ts --beside 36 --free
 *
 * `--beside` loads `examples/passwords.ts` for so many seconds without and with
 * sign-ups, three times each in turns, and tells the p99 of the other requests:
 * 100 a second, so that fewer than 30 seconds tell little. With `--free` the
 * hashing takes its time and no processor, as where processors are free for it.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { RUNTIMES, scriptCommand } from "./support/commands.ts";
import type { Command, RuntimeName } from "./support/commands.ts";
import { median, percentile, table } from "./support/report.ts";
import { sleep, startServer } from "./support/server.ts";
import type { Server } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    runtime: { type: "string", default: RUNTIMES.join() },
    beside: { type: "string", default: "0" },
    free: { type: "boolean", default: false },
    port: { type: "string", default: "18230" },
  },
});
const port = Number(flags.port);
const runtimes = flags.runtime.split(",") as RuntimeName[];

function corn(
  runtime: RuntimeName,
  app: string,
  config: string,
): Promise<Server> {
  const command: Command = scriptCommand(
    runtime,
    join(root, "mod.ts"),
    ...["-b", `127.0.0.1:${port}`, "-w", "1", "-c", config, app],
  );
  return startServer({ port, commands: [command] });
}

type Figures = Readonly<Record<string, number>>;

async function ask(path: string): Promise<Figures> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  if (!response.ok) throw new Error(`Cannot measure ${path}: no answer`);
  return await response.json() as Figures;
}

const fixed = (value: number | undefined, digits = 0) =>
  value === undefined ? "–" : value.toFixed(digits);

async function measureCalls(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "corn-bench-"));
  const config = join(folder, "corn.config.json");
  const app = join(root, "bench", "apps", "tasks");
  writeFileSync(
    config,
    JSON.stringify({ tasks: { work: join(app, "work.ts") } }),
  );
  const rows: string[][] = [];
  for (const runtime of runtimes) {
    await using _ = await corn(runtime, join(app, "app.ts"), config);
    for (const way of ["corn", "piscina", "threads"]) {
      const [small, large] = [
        await ask(`/${way}?1024`),
        await ask(`/${way}?1000000`),
      ];
      const stream = way === "corn" ? await ask("/stream?262144") : {};
      rows.push([
        runtime,
        way,
        `${fixed(small.median)} / ${fixed(small.p99)}`,
        fixed(small.perSecond),
        `${fixed(large.median)} / ${fixed(large.p99)}`,
        fixed(large.perSecond),
        fixed(stream.perSecond),
      ]);
    }
  }
  rmSync(folder, { recursive: true });
  console.log(table([
    "Runtime",
    "Way",
    "1 KB, µs: median / p99",
    "1 KB, calls/s",
    "1 MB, µs: median / p99",
    "1 MB, calls/s",
    "Stream, MB/s",
  ], rows));
}

/** Times of requests in milliseconds, one each 10 ms, while others sign up. */
async function timesBeside(signUps: boolean, seconds: number) {
  const url = `http://127.0.0.1:${port}/`;
  const times: number[] = [];
  let over = false;
  const work = (async () => {
    while (signUps && !over) {
      const init = { method: "POST", body: "correct horse" };
      await (await fetch(`${url}sign-up`, init)).text();
    }
  })();
  const end = performance.now() + seconds * 1000;
  const asked: Promise<void>[] = [];
  while (performance.now() < end) {
    asked.push((async () => {
      const began = performance.now();
      await (await fetch(url)).text();
      times.push(performance.now() - began);
    })());
    await sleep(10);
  }
  await Promise.all(asked);
  over = true;
  await work;
  return times.sort((a, b) => a - b);
}

/** The example's config, or one whose hashing uses no processor. */
function passwordsConfig(folder: string): string {
  if (!flags.free) return join("examples", "passwords.config.ts");
  const path = join(folder, "corn.config.json");
  const module = join(root, "bench", "apps", "tasks", "free.ts");
  writeFileSync(
    path,
    JSON.stringify({ tasks: { passwords: { module, workers: 2 } } }),
  );
  return path;
}

async function measureBeside(seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "corn-bench-"));
  const config = passwordsConfig(folder);
  const rows: string[][] = [];
  for (const runtime of runtimes) {
    await using _ = await corn(runtime, "examples/passwords.ts", config);
    await timesBeside(true, 1);
    const p99 = { without: [] as number[], beside: [] as number[] };
    for (let round = 0; round < 3; round++) {
      for (const side of ["without", "beside"] as const) {
        const times = await timesBeside(side === "beside", seconds / 6);
        p99[side].push(percentile(times, 99));
      }
    }
    const [without, beside] = [median(p99.without), median(p99.beside)];
    rows.push([
      runtime,
      fixed(without, 2),
      fixed(beside, 2),
      fixed(beside / without, 2),
    ]);
  }
  rmSync(folder, { recursive: true });
  console.log(table([
    "Runtime",
    "p99 alone, ms",
    "p99 beside sign-ups, ms",
    "ratio",
  ], rows));
}

const seconds = Number(flags.beside);
await (seconds > 0 ? measureBeside(seconds) : measureCalls());
process.exit();
