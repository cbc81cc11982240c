/**
 * What does a message of a WebSocket cost, and one that is idle?
 *
 *     node bench/websocket.ts --runtime bun --rounds 3 --seconds 1
 *     node bench/websocket.ts --idle 10000
 *
 * The server runs on processor 0, the clients on 1. `bare` is `ws` over
 * node:http, `Bun.serve` or `Deno.serve` without corn; on Node corn hands the
 * connection to the same `ws`, but for `codec`, which is an app in the form of
 * `Bun.serve`, whose frames are corn's own. Processor time of all the server's
 * processes, for an echo; all sides of a runtime run, and have their turns. With
 * `--idle` it is their resident memory, for each of so many that are open and
 * have echoed once: `ulimit -n` must allow for as many files.
 */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { HANDSHAKE, masked } from "../tests/support/client/frames.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { cornCommand, RUNTIMES, scriptCommand } from "./support/commands.ts";
import type { RuntimeName } from "./support/commands.ts";
import { heading, median, table } from "./support/report.ts";
import { weighIdle } from "./support/idle.ts";
import { settle, sleep, startServer } from "./support/server.ts";
import type { Server } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "1" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    idle: { type: "string", default: "0" },
  },
});

/** How many clients say how much. */
interface Case {
  readonly name: string;
  readonly clients: number;
  /** Messages that are on their way. */
  readonly inFlight: number;
  readonly bytes: number;
}

const cases: readonly Case[] = [
  { name: "32 B", clients: 64, inFlight: 1, bytes: 32 },
  { name: "32 B, 16 in flight", clients: 64, inFlight: 16, bytes: 32 },
  { name: "4 KiB", clients: 16, inFlight: 1, bytes: 4096 },
];

const SIDES = ["bare", "native", "wire", "codec"] as const;
type Side = typeof SIDES[number];

/** Those that there are on a runtime. */
function sidesOf(runtime: RuntimeName): readonly Side[] {
  return SIDES.filter((side) => side !== "codec" || runtime === "node");
}

/** Opens a WebSocket. */
async function open(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.setNoDelay(true);
  const fields = Object.entries(HANDSHAKE).map((field) => field.join(": "));
  socket.write(["GET / HTTP/1.1", "Host: a", ...fields, "", ""].join("\r\n"));
  const head = await new Promise<string>((resolve, reject) => {
    socket.once("data", (bytes) => resolve(String(bytes)));
    socket.once("error", reject);
  });
  if (!head.startsWith("HTTP/1.1 101")) throw new Error(`No 101: ${head}`);
  return socket;
}

/** Echoes for so many seconds; gives how many came back. */
async function load(
  sockets: readonly Socket[],
  { inFlight, bytes }: Case,
  seconds: number,
): Promise<number> {
  const one = masked(1, "x".repeat(bytes));
  const all = Buffer.concat(Array(inFlight).fill(one));
  const size = inFlight * (bytes + (bytes < 126 ? 2 : 4));
  let count = 0;
  let over = false;
  for (const socket of sockets) {
    let left = size;
    socket.removeAllListeners("data").on("data", (piece) => {
      left -= piece.length;
      if (left > 0) return;
      count += inFlight;
      left = size;
      if (!over) socket.write(all);
    });
    socket.write(all);
  }
  await sleep(seconds * 1000);
  over = true;
  const counted = count;
  await sleep(100);
  return counted;
}

interface Running {
  readonly server: Server;
  readonly port: number;
}

/** Starts a side; resolves once it rests. */
async function start(side: Side, runtime: RuntimeName): Promise<Running> {
  const app = join(root, "bench", "apps", "websocket.ts");
  const port = await freePort();
  const command = side === "bare"
    ? scriptCommand(runtime, app, String(port))
    : [
      ...cornCommand(runtime, { app, port, workers: 1 }),
      ...["--http", side === "codec" ? "wire" : side],
      ...["-e", `BENCH_SIDE=${side}`],
    ] as const;
  const server = await startServer({
    ...{ port, processors: "0", commands: [command] },
  });
  await settle(server);
  return { server, port };
}

/** How often each side has its turn at a case, in a round. */
const TURNS = 4;

/** Microseconds of processor time for a message, of each turn, by case; all sides run, and one is asked at a time. */
async function measure(
  runtime: RuntimeName,
  figures: ReadonlyMap<Side, readonly number[][]>,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const running: (readonly [Side, Running])[] = [];
  for (const side of figures.keys()) {
    const one = await start(side, runtime);
    stack.use(one.server);
    running.push([side, one]);
  }
  for (const [at, one] of cases.entries()) {
    const clients = new Map<Side, Socket[]>();
    for (const [side, { port }] of running) {
      const sockets = await Promise.all(
        Array.from({ length: one.clients }, () => open(port)),
      );
      clients.set(side, sockets);
      await load(sockets, one, 0.5);
    }
    for (let turn = 0; turn < TURNS; turn++) {
      for (
        const [side, { server }] of turn % 2 ? running.toReversed() : running
      ) {
        const before = server.cpuMs();
        const sockets = clients.get(side)!;
        const count = await load(sockets, one, Number(flags.seconds));
        figures.get(side)![at]!.push((server.cpuMs() - before) * 1000 / count);
      }
    }
    for (const socket of [...clients.values()].flat()) socket.destroy();
  }
}

const HELLO = masked(1, "hello");

/** An idle client, which has been echoed once. */
async function openIdle(port: number): Promise<Socket> {
  const socket = await open(port);
  socket.removeAllListeners("error").on("error", () => {});
  const echo = new Promise((resolve) => socket.once("data", resolve));
  socket.write(HELLO);
  await echo;
  return socket;
}

/** KiB of memory for each of so many. */
async function weigh(
  side: Side,
  runtime: RuntimeName,
  count: number,
): Promise<number> {
  const { server, port } = await start(side, runtime);
  await using _ = server;
  return await weighIdle(server, count, () => openIdle(port));
}

const idle = Number(flags.idle);
if (idle > 0) {
  const rows: string[][] = [];
  for (const runtime of flags.runtime.split(",") as RuntimeName[]) {
    const row: string[] = [runtime];
    for (const side of SIDES) {
      row.push(
        sidesOf(runtime).includes(side)
          ? (await weigh(side, runtime, idle)).toFixed(1)
          : "",
      );
    }
    rows.push(row);
  }
  console.log(heading(`${idle} idle WebSockets`));
  console.log(table(["KiB each", ...SIDES], rows));
  process.exit(0);
}

for (const runtime of flags.runtime.split(",") as RuntimeName[]) {
  const sides = sidesOf(runtime);
  const figures = new Map<Side, number[][]>(
    sides.map((side) => [side, cases.map(() => [])]),
  );
  for (let round = 0; round < Number(flags.rounds); round++) {
    await measure(runtime, figures);
  }
  console.log(heading(runtime));
  console.log(table(
    ["processor time of an echo, µs", ...sides],
    cases.map(({ name }, at) => [
      name,
      ...sides.map((side) => median(figures.get(side)![at]!).toFixed(2)),
    ]),
  ));
}
process.exit(0);
