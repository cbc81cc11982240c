/**
 * What does TLS cost: a request, a handshake, a connection that is idle, and
 * clients that never end theirs?
 *
 *     node bench/tls.ts --runtime node --rounds 4 --seconds 3
 *     node bench/tls.ts --idle 10000 --stalled 1000
 *
 * One worker on processor 0, the clients on 1. Each round starts fresh processes
 * of every side, in an order that turns; a ratio is taken of two figures of one
 * round. `own` is `node:https`, `Bun.serve({ tls })` or `Deno.serve({ cert, key })`
 * without corn, `node:tls` that of the runtime with fixed bytes for each read and
 * no HTTP, `nginx` the limit. Requests by wrk over kept connections, full
 * handshakes of TLS 1.3 by `openssl s_time`, with a certificate of P-256. With
 * `--idle` memory of so many connections, each of which got an answer, and with
 * `--stalled` what a good client waits beside so many that have begun a handshake
 * alone: `ulimit -n` must allow for as many files.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { connect as connectTls } from "node:tls";
import type { TLSSocket } from "node:tls";
import { parseArgs } from "node:util";
import { root } from "../scripts/tools.ts";
import { makeCertificates } from "../tests/support/certificates.ts";
import { freePort } from "../tests/support/machine/ports.ts";
import { findProgram } from "../tests/support/machine/program.ts";
import { cornCommand, RUNTIMES, scriptCommand } from "./support/commands.ts";
import type { Command, RuntimeName } from "./support/commands.ts";
import { measureCost } from "./support/cost.ts";
import { load } from "./support/load.ts";
import { openMany, weighIdle } from "./support/idle.ts";
import {
  heading,
  median,
  percentile,
  spread,
  table,
} from "./support/report.ts";
import { takeRounds } from "./support/rounds.ts";
import type { Round } from "./support/rounds.ts";
import { pinned, settle, sleep, startServer } from "./support/server.ts";
import type { Server } from "./support/server.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "4" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "32" },
    runtime: { type: "string", default: RUNTIMES.join(",") },
    idle: { type: "string", default: "0" },
    stalled: { type: "string", default: "0" },
  },
});
const runtimes = RUNTIMES.filter((one) =>
  flags.runtime.split(",").includes(one)
);
const seconds = Number(flags.seconds);
const APP = join(root, "bench", "apps", "bare.ts");
const NGINX = findProgram("nginx");

type Side = "corn" | "own" | "node:tls" | "nginx";
const sides: readonly Side[] = NGINX === undefined
  ? ["corn", "own", "node:tls"]
  : ["corn", "own", "node:tls", "nginx"];

const folder = mkdtempSync(join(tmpdir(), "corn-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const certfile = join(folder, "cert.pem");
const keyfile = join(folder, "key.pem");
const { server: pair } = makeCertificates();
writeFileSync(certfile, pair.cert);
writeFileSync(keyfile, pair.key, { mode: 0o600 });

/** nginx with what the others have: one process that serves, no log, no sessions that are kept. */
function nginxCommand(port: number): Command {
  const config = join(folder, `nginx-${port}.conf`);
  const user = process.getuid?.() === 0 ? "user root;" : "";
  writeFileSync(
    config,
    `${user} daemon off; worker_processes 1; pid ${folder}/nginx-${port}.pid;
error_log stderr crit;
events { worker_connections 20000; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s;
  server {
    listen 127.0.0.1:${port} ssl backlog=2048;
    ssl_certificate ${certfile}; ssl_certificate_key ${keyfile};
    ssl_protocols TLSv1.2 TLSv1.3;
    location / { return 200 "Hello World"; }
  }
}
`,
  );
  return [NGINX as string, "-p", folder, "-c", config];
}

function commandOf(side: Side, runtime: RuntimeName, port: number): Command {
  if (side === "nginx") return nginxCommand(port);
  if (side !== "corn") {
    const file = side === "own" ? "tls.ts" : "tls-bytes.ts";
    const script = join(root, "bench", "peers", file);
    return scriptCommand(runtime, script, String(port), certfile, keyfile);
  }
  return [
    ...cornCommand(runtime, { app: APP, port, workers: 1 }),
    ...["--certfile", certfile, "--keyfile", keyfile, "--keep-alive", "600"],
  ];
}

/** Starts a side, and calls once it rests. */
async function withServer<Result>(
  side: Side,
  runtime: RuntimeName,
  measure: (server: Server, port: number) => Promise<Result>,
): Promise<Result> {
  const port = await freePort();
  await using server = await startServer({
    ...{ port, processors: "0", secure: true },
    commands: [commandOf(side, runtime, port)],
  });
  await settle(server);
  return await measure(server, port);
}

/** Makes full handshakes for so many seconds; gives how many. */
function shakeHands(port: number, forSeconds: number): Promise<number> {
  const [program, ...args] = pinned([
    "openssl",
    ...["s_time", "-new", "-tls1_3"],
    ...["-connect", `127.0.0.1:${port}`, "-time", String(forSeconds)],
  ], "1");
  return new Promise((resolve, reject) => {
    const options = { timeout: (forSeconds + 60) * 1000 };
    execFile(program, args, options, (error, output) => {
      const count = Number(/^(\d+) connections in \d+ real/m.exec(output)?.[1]);
      if (count > 0) resolve(count);
      else reject(new Error(`No handshakes: ${output}`, { cause: error }));
    });
  });
}

/** By then a compiler has done most of its work; a second of a busy machine is less. */
const WARM_REQUESTS = 40_000;
const WARM_HANDSHAKES = 300;

async function warm(least: number, run: () => Promise<number>): Promise<void> {
  for (let count = 0; count < least;) count += await run();
}

/** Microseconds of processor time. */
interface Sample {
  readonly request: number;
  readonly handshake: number;
}

function measure(side: Side, runtime: RuntimeName): Promise<Sample> {
  return withServer(side, runtime, async (server, port) => {
    const options = {
      ...{ seconds, processors: "1" },
      connections: Number(flags.connections),
    };
    await warm(
      WARM_REQUESTS,
      async () => (await load(server.url, options)).requests,
    );
    const { cpuUs: request } = await measureCost(server, options);
    await warm(WARM_HANDSHAKES, () => shakeHands(port, 1));
    const before = server.runMs();
    const count = await shakeHands(port, seconds);
    return { request, handshake: (server.runMs() - before) * 1000 / count };
  });
}

type Rounds = readonly Round<Side, Sample>[];

function rowsOf(runtime: RuntimeName, rounds: Rounds): string[][] {
  return (["request", "handshake"] as const).map((what) => {
    const all = (side: Side) => rounds.map((round) => round[side][what]);
    const beside = (other: Side) =>
      sides.includes(other)
        ? spread(all("corn").map((own, at) => own / all(other)[at]!), 2)
        : "–";
    const cost = (side: Side) =>
      sides.includes(side) ? median(all(side)).toFixed(1) : "–";
    return [
      ...[runtime, `a ${what}`, cost("corn"), cost("own")],
      ...[`**${beside("own")}**`, cost("node:tls"), beside("node:tls")],
      ...[cost("nginx"), beside("nginx")],
    ];
  });
}

const ASK = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** A client that spoke TLS and got an answer. */
async function greet(port: number): Promise<TLSSocket> {
  const socket = connectTls({
    ...{ port, host: "127.0.0.1", rejectUnauthorized: false },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("data", () => resolve());
    socket.write(ASK);
  });
  socket.removeAllListeners("error").on("error", () => {});
  return socket;
}

/** KiB of memory for each of so many idle connections. */
function weigh(
  side: Side,
  runtime: RuntimeName,
  count: number,
): Promise<number> {
  return withServer(
    side,
    runtime,
    (server, port) => weighIdle(server, count, () => greet(port)),
  );
}

/** The first bytes of a client's flight, behind which nothing comes. */
const BEGUN = Buffer.from("16030102000100", "hex");

function stall(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.removeAllListeners("error").on("error", () => {});
      socket.write(BEGUN, () => resolve(socket));
    });
    socket.once("error", reject);
  });
}

/** How often a good client asks, on a connection of its own each tenth time. */
const ASKED = 500;

/** Half and 99 % of a good client's times, in milliseconds, beside so many that stall. */
function waits(
  runtime: RuntimeName,
  stalled: number,
): Promise<{ p50: number; p99: number }> {
  return withServer("corn", runtime, async (_server, port) => {
    const sockets = await openMany(stalled, () => stall(port));
    let client = await greet(port);
    const times: number[] = [];
    for (let count = 0; count < ASKED; count++) {
      const begun = performance.now();
      if (count % 10 === 0) {
        client.destroy();
        client = await greet(port);
      } else {
        const answered = new Promise((resolve) => client.once("data", resolve));
        client.write(ASK);
        await answered;
      }
      times.push(performance.now() - begun);
      await sleep(5);
    }
    const left = sockets.filter((one) => !one.destroyed).length;
    if (left < stalled) throw new Error(`Only ${left} of ${stalled} stood`);
    for (const socket of [client, ...sockets]) socket.destroy();
    return { p50: percentile(times, 50), p99: percentile(times, 99) };
  });
}

const rows: string[][] = [];
for (const runtime of Number(flags.rounds) > 0 ? runtimes : []) {
  const rounds = await takeRounds<Side, Sample>(sides, {
    rounds: Number(flags.rounds),
    measure: (side) => measure(side, runtime),
    onRound: (number) =>
      console.error(`${runtime} round ${number} of ${flags.rounds}`),
  });
  rows.push(...rowsOf(runtime, rounds));
}
console.log(heading(
  `one worker on processor 0, wrk -t1 -c${flags.connections} -d${flags.seconds} and openssl s_time -new -tls1_3 on processor 1, ${flags.rounds} rounds; certificate of P-256.`,
));
if (rows.length > 0) {
  console.log(table([
    "Runtime",
    "CPU, µs",
    "corn",
    "own server",
    "corn / own (min–max)",
    "node:tls, no HTTP",
    "corn / node:tls (min–max)",
    "nginx",
    "corn / nginx (min–max)",
  ], rows));
}

const idle = Number(flags.idle);
if (idle > 0) {
  const weights: string[][] = [];
  for (const runtime of runtimes) {
    const row: string[] = [runtime];
    for (const side of ["corn", "own"] as const) {
      row.push((await weigh(side, runtime, idle)).toFixed(1));
      console.error(`${runtime} ${side} idle`);
    }
    weights.push(row);
  }
  const head = [`KiB for each of ${idle} idle`, "corn", "own server"];
  console.log(`\n${table(head, weights)}`);
}

const stalled = Number(flags.stalled);
if (stalled > 0) {
  const times: string[][] = [];
  for (const runtime of runtimes) {
    const { p50, p99 } = await waits(runtime, stalled);
    times.push([runtime, p50.toFixed(1), p99.toFixed(1)]);
    console.error(`${runtime} stalled`);
  }
  const head = [
    `A good client beside ${stalled} that stand, ms`,
    ...["half within", "99 % within"],
  ];
  console.log(`\n${table(head, times)}`);
}
process.exit(0);
