/**
 * What does it cost that a running corn can be asked: the arbiter's memory at
 * rest, its processor time under load and while somebody looks, a scrape of many workers, and a reload
 * while clients that read nothing listen to events?
 *
 *     node bench/operate.ts --runtime node,bun,deno --rounds 5 --seconds 10
 *     node bench/operate.ts --what memory,reload
 *
 * Of the package, which is built first: what a user installs.
 * Fresh processes in each round, in an order that turns; a difference or a ratio
 * is taken of two figures of one round. The aims stand in the tables' heads.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { cornCommand, RUNTIMES } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { askControl } from "./support/control.ts";
import { load } from "./support/load.ts";
import { builtPackage } from "./support/package.ts";
import { memory, runMs } from "./support/proc.ts";
import { heading, spread, table, thousands } from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import { measureScrapes } from "./support/scrapes.ts";
import { settle, sleep, startServer } from "./support/server.ts";
import type { Server } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "10" },
    workers: { type: "string", default: "16" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    what: { type: "string", default: "memory,cpu,look,scrape,reload" },
  },
});

const built = builtPackage();
const app = join(root, "bench", "apps", "bare.ts");
const seconds = Number(flags.seconds);
const runtimes = RUNTIMES.filter((one) =>
  flags.runtime.split(",").includes(one)
);

/** Workers under load. */
const LOADED = 4;
/** Until a runtime's own work after a start is over too. */
const CALM_MS = 6000;
/** Clients that listen to events and read none. */
const STUCK = 16;
/** Prometheus' own interval. */
const SCRAPE_MS = 15_000;
const MB = 1024 * 1024;

interface StartOptions {
  readonly workers: number;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function start(
  runtime: RuntimeName,
  { workers, args, env }: StartOptions,
): Promise<Server> {
  const port = await freePort();
  const { module } = built;
  const command = cornCommand(runtime, { app, port, workers, module });
  const server = await startServer({
    port,
    commands: [[...command, ...args]],
    env: { ...built.env, ...env },
  });
  await settle(server);
  await sleep(CALM_MS);
  return server;
}

/** Runs rounds of two sides on each runtime, and prints a row for each. */
async function compare<Side extends string>(
  { title, head, sides, compiles = false, measure, row }: {
    readonly title: string;
    readonly head: readonly string[];
    /** True where a start that compiles what another has kept would be seen. */
    readonly compiles?: boolean;
    readonly sides: readonly [Side, Side];
    measure(runtime: RuntimeName, side: Side): Promise<number>;
    row(before: readonly number[], after: readonly number[]): string[];
  },
): Promise<void> {
  const rows: string[][] = [];
  for (const runtime of runtimes) {
    if (compiles) { for (const side of sides) await measure(runtime, side); }
    const rounds = await takeRounds(sides, {
      rounds: Number(flags.rounds),
      measure: (side) => measure(runtime, side),
      onRound: (number) =>
        console.error(`${title}: ${runtime} ${number} of ${flags.rounds}`),
    });
    const [before, after] = sides.map((side) =>
      rounds.map((round) => round[side])
    ) as [number[], number[]];
    const cells = [runtime, ...row(before, after)];
    // What was measured is told, whatever becomes of the next.
    console.error(cells.join(" | "));
    rows.push(cells);
  }
  console.log(`\n${table(["Runtime", ...head], rows)}`);
}

function pairs(
  before: readonly number[],
  after: readonly number[],
  by: (before: number, after: number) => number,
): number[] {
  return after.map((one, at) => by(before[at] as number, one));
}

async function compareMemory(folder: string): Promise<void> {
  await compare({
    title: "memory",
    head: [
      "Private memory of the arbiter, MB: --no-control",
      "with the control socket",
      "more (aim: at most 1, Node 1.5)",
    ],
    sides: ["none", "control"],
    compiles: true,
    async measure(runtime, side) {
      // A folder of its own: what a killed corn has left in one is looked at
      // and removed first, which takes memory.
      await using server = await start(runtime, {
        workers: 1,
        args: side === "none" ? ["--no-control"] : [],
        env: { XDG_RUNTIME_DIR: mkdtempSync(join(folder, "run-")) },
      });
      const [arbiter = 0] = server.pids();
      return memory(arbiter).own / MB;
    },
    row: (none, control) => [
      spread(none, 2),
      spread(control, 2),
      `**${spread(pairs(none, control, (one, other) => other - one), 2)}**`,
    ],
  });
}

async function compareProcessor(): Promise<void> {
  let requests: number[] = [];
  await compare({
    title: "processor",
    head: [
      `Arbiter, % of a processor, ${LOADED} workers under full load: nothing asked for`,
      "--metrics, scraped each 15 s",
      "more (aim: at most 1)",
      "at requests/s",
    ],
    sides: ["none", "metrics"],
    async measure(runtime, side) {
      const admin = `127.0.0.1:${await freePort()}`;
      const args = side === "none" ? [] : ["--metrics", "--admin", admin];
      await using server = await start(runtime, { workers: LOADED, args });
      const [arbiter = 0] = server.pids();
      const scrape = async () => {
        if (side === "metrics") {
          await (await fetch(`http://${admin}/metrics`)).text();
        }
      };
      // The first one loads what answers.
      await scrape();
      const [cpu, began] = [runMs(arbiter), performance.now()];
      const timer = setInterval(() => void scrape(), SCRAPE_MS);
      const { perSecond } = await load(server.url, {
        seconds,
        connections: 64,
      });
      clearInterval(timer);
      await scrape();
      requests.push(perSecond);
      const ms = performance.now() - began;
      return (runMs(arbiter) - cpu) * 100 / ms;
    },
    row(none, metrics) {
      const most = thousands(Math.max(...requests));
      requests = [];
      return [
        spread(none, 2),
        spread(metrics, 2),
        `**${spread(pairs(none, metrics, (one, other) => other - one), 2)}**`,
        most,
      ];
    },
  });
}

/** Asks as `corn top` does, while it is open. */
async function compareLooks(folder: string): Promise<void> {
  const path = join(folder, "look.sock");
  const served: Record<"none" | "top", number[]> = { none: [], top: [] };
  await compare({
    title: "look",
    head: [
      `Arbiter, % of a processor, ${LOADED} workers under full load: nobody looks`,
      "corn top is open",
      "more (aim: at most 1)",
      "requests/s with / without",
    ],
    sides: ["none", "top"],
    async measure(runtime, side) {
      await using server = await start(runtime, {
        workers: LOADED,
        args: ["--control", path],
      });
      const [arbiter = 0] = server.pids();
      const look = async () => {
        if (side === "top") {
          await askControl(path, "GET", "/v1/status?measure=1");
        }
      };
      // The first one loads what measures.
      await look();
      const [cpu, began] = [runMs(arbiter), performance.now()];
      const timer = setInterval(() => void look(), 1000);
      const { perSecond } = await load(server.url, {
        seconds,
        connections: 64,
      });
      clearInterval(timer);
      served[side].push(perSecond);
      const ms = performance.now() - began;
      return (runMs(arbiter) - cpu) * 100 / ms;
    },
    row(none, top) {
      const ratios = pairs(served.none, served.top, (one, two) => two / one);
      served.none = [];
      served.top = [];
      return [
        spread(none, 2),
        spread(top, 2),
        `**${spread(pairs(none, top, (one, other) => other - one), 2)}**`,
        spread(ratios, 3),
      ];
    },
  });
}

async function showScrapes(workers: number): Promise<void> {
  const rows: string[][] = [];
  for (const runtime of runtimes) {
    const row = [
      runtime,
      ...await measureScrapes(runtime, { app, workers, built }),
    ];
    console.error(row.join(" | "));
    rows.push(row);
  }
  console.log(
    `\n${
      table([
        "Runtime",
        "Bytes of a scrape",
        "First, ms",
        `Median, ms (${workers} workers, aim: less than 20)`,
        "Longest, ms",
        "CPU of the arbiter, ms, mean",
        "most",
      ], rows)
    }`,
  );
}

/** Opens connections that ask for events and read no more than the head. */
function stick(path: string): Promise<Socket[]> {
  return Promise.all(
    Array.from(
      { length: STUCK },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(path);
          socket.once("error", reject);
          socket.once("data", () => {
            socket.pause();
            resolve(socket);
          });
          socket.write("GET /v1/events?after=0 HTTP/1.1\r\nhost: x\r\n\r\n");
        }),
    ),
  );
}

async function compareReloads(folder: string): Promise<void> {
  await compare({
    title: "reload",
    head: [
      "Reload of 2 workers, ms: no client",
      `${STUCK} clients that read no events`,
      "with / without (aim: at most 1.2)",
    ],
    sides: ["none", "stuck"],
    async measure(runtime, side) {
      const path = join(folder, "reload.sock");
      await using _server = await start(runtime, {
        workers: 2,
        args: ["--control", path],
      });
      const stuck = side === "stuck" ? await stick(path) : [];
      // The first one is what has been compiled by nobody yet.
      let took = 0;
      for (let count = 0; count < 3; count++) {
        const began = performance.now();
        const { operation } = await askControl(path, "POST", "/v1/reload");
        const { state } = await askControl(
          path,
          "GET",
          `/v1/operations/${operation}?wait=60`,
        );
        if (state !== "done") throw new Error(`Cannot reload: ${state}`);
        if (count > 0) took += (performance.now() - began) / 2;
      }
      for (const socket of stuck) socket.destroy();
      return took;
    },
    row: (none, stuck) => [
      spread(none, 0),
      spread(stuck, 0),
      `**${spread(pairs(none, stuck, (one, other) => other / one), 2)}**`,
    ],
  });
}

const folder = mkdtempSync(join(tmpdir(), "corn-operate-"));
try {
  console.log(heading(`${flags.rounds} rounds; median, least and greatest.`));
  for (const what of flags.what.split(",")) {
    if (what === "memory") await compareMemory(folder);
    else if (what === "cpu") await compareProcessor();
    else if (what === "look") await compareLooks(folder);
    else if (what === "scrape") await showScrapes(Number(flags.workers));
    else if (what === "reload") await compareReloads(folder);
    else throw new Error(`Cannot measure "${what}"`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
