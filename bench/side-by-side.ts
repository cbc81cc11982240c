/**
 * Where does corn stand among application servers? All of them are up at once
 * with two workers each, on processor 0, and a load from processor 1 goes to one
 * at a time, in turns of a second: what a neighbour does to the machine, it does
 * to all.
 *
 *     node bench/side-by-side.ts --rounds 10
 *     npm install --prefix /tmp/peers pm2@7.0.3 srvx@1.0.8
 *     node bench/side-by-side.ts --modules /tmp/peers/node_modules
 *
 * PM2 and srvx are measured where `--modules` names a folder that has them, and
 * Gunicorn where it is installed (`apt-get install gunicorn python3-gevent`).
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import {
  cornCommand,
  nativeCommands,
  RUNTIMES,
  scriptCommand,
} from "./support/commands.ts";
import type { Command, RuntimeName } from "./support/commands.ts";
import { load } from "./support/load.ts";
import { memory } from "./support/proc.ts";
import {
  heading,
  median,
  megabytes,
  spread,
  table,
  thousands,
} from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import { settle, startServer } from "./support/server.ts";
import type { Server } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    connections: { type: "string", default: "64" },
    app: { type: "string", default: "bare" },
    modules: { type: "string" },
  },
});

const WORKERS = 2;

/** A server to start. */
interface Side {
  readonly name: string;
  /** What it stands beside: corn on the same runtime. */
  readonly runtime: RuntimeName;
  readonly commands: readonly Command[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly p99Ms: number;
  readonly bytes: number;
}

type SideOf = (port: number, app: string) => Omit<Side, "name" | "runtime">;
type Row = readonly [name: string, runtime: RuntimeName, make: SideOf];

const corn: Row[] = RUNTIMES.map((runtime) => [
  `corn, ${runtime}`,
  runtime,
  (port, app) => ({
    commands: [cornCommand(runtime, { app, port, workers: WORKERS })],
  }),
]);

const OWN: Readonly<Record<RuntimeName, string>> = {
  node: "node:cluster, @hono/node-server",
  bun: "Bun.serve, two processes",
  deno: "deno serve --parallel",
};

const own: Row[] = RUNTIMES.map((runtime) => [
  OWN[runtime],
  runtime,
  (port, app) => nativeCommands(runtime, { app, port }),
]);

/** A module of the folder that was named; undefined where it has none. */
function module(...path: string[]): string | undefined {
  if (flags.modules === undefined) return undefined;
  const file = join(flags.modules, ...path);
  return existsSync(file) ? file : undefined;
}

/** One server of srvx's with one process, which has no workers. */
function srvxRows(): Row[] {
  const script = module("srvx", "bin", "srvx.mjs");
  if (script === undefined) return [];
  return RUNTIMES.map((runtime) => [
    `srvx, ${runtime}, one process`,
    runtime,
    (port, app) => ({
      commands: [scriptCommand(
        runtime,
        script,
        "--prod",
        ...["--host", "127.0.0.1", "--port", String(port)],
        ...["--entry", app],
      )],
    }),
  ]);
}

function pm2Rows(folder: string): Row[] {
  const script = module("pm2", "bin", "pm2-runtime");
  if (script === undefined) return [];
  return [[
    "PM2 cluster, @hono/node-server",
    "node",
    (port, app) => ({
      commands: [scriptCommand(
        "node",
        script,
        "start",
        join(root, "bench", "peers", "pm2.mjs"),
        ...["--instances", String(WORKERS)],
      )],
      env: { PM2_HOME: folder, APP: app, PORT: String(port) },
    }),
  ]];
}

const GUNICORN = ["sync", "gthread", "gevent"] as const;

function gunicornRows(): Row[] {
  const found = (process.env.PATH ?? "").split(delimiter)
    .map((folder) => join(folder, "gunicorn")).find((one) => existsSync(one));
  if (found === undefined || flags.app !== "bare") return [];
  return GUNICORN.map((kind) => [
    `Gunicorn, ${kind}`,
    "node",
    (port) => ({
      commands: [[
        found,
        ...["--worker-class", kind, "--workers", String(WORKERS)],
        ...(kind === "gthread" ? ["--threads", "4"] : []),
        ...["--chdir", join(root, "bench", "peers"), "hello:app"],
        ...["--bind", `127.0.0.1:${port}`, "--log-level", "warning"],
      ]],
    }),
  ]);
}

async function turn(server: Server, processors: string): Promise<Sample> {
  const before = server.runMs();
  const { perSecond, requests, p99Ms } = await load(server.url, {
    seconds: Number(flags.seconds),
    connections: Number(flags.connections),
    processors,
  });
  const cpuUs = (server.runMs() - before) * 1000 / requests;
  const bytes = server.pids().reduce((sum, pid) => sum + memory(pid).pss, 0);
  return { perSecond, p99Ms, cpuUs, bytes };
}

const folder = mkdtempSync(join(tmpdir(), "corn-bench-"));
const app = join(root, "bench", "apps", `${flags.app}.ts`);
const rows = [
  ...corn,
  ...own,
  ...srvxRows(),
  ...pm2Rows(folder),
  ...gunicornRows(),
];
const running = new Map<string, Server>();
await using servers = new AsyncDisposableStack();
try {
  for (const [name, , make] of rows) {
    const port = await freePort();
    const server = await startServer({
      ...{ port, processors: "0" },
      ...make(port, app),
    });
    running.set(name, servers.use(server));
    await settle(server);
    await turn(server, "1");
    await turn(server, "1");
  }
  const names = rows.map(([name]) => name);
  const rounds = await takeRounds(names, {
    rounds: Number(flags.rounds),
    measure: (name) => turn(running.get(name) as Server, "1"),
    onRound: (number) => console.error(`round ${number}`),
  });
  console.log(heading(
    `"${flags.app}", two workers each, all servers on processor 0 in turns of ${flags.seconds} s, wrk -t1 -c${flags.connections} on processor 1, ${flags.rounds} rounds.`,
  ));
  console.log(table(
    [
      "Server",
      "requests/s",
      "to corn on that runtime (min–max)",
      "CPU a request, µs",
      "p99 ms",
      "memory, MB PSS",
    ],
    rows.map(([name, runtime]) => {
      const middle = (figure: keyof Sample) =>
        median(rounds.map((round) => (round[name] as Sample)[figure]));
      const ratios = rounds.map((round) =>
        (round[name] as Sample).perSecond /
        (round[`corn, ${runtime}`] as Sample).perSecond
      );
      return [
        name,
        thousands(middle("perSecond")),
        spread(ratios, 2),
        middle("cpuUs").toFixed(1),
        middle("p99Ms").toFixed(2),
        megabytes(middle("bytes")),
      ];
    }),
  ));
} finally {
  await servers.disposeAsync();
  rmSync(folder, { recursive: true, force: true });
}
