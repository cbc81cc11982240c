/**
 * What an idle kept-alive connection costs a worker: its resident memory
 * before and after so many clients each got an answer and stayed.
 *
 *     node bench/connections.ts [count] [runtime,...]
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import process from "node:process";
import type { RuntimeName } from "../src/runtime/runtime.ts";
import { startServer } from "../tests/support/process/server.ts";
import type { Command } from "../tests/support/process/server.ts";
import { sleep } from "../tests/support/wait.ts";

const [count = "10000", runtimes = "node"] = process.argv.slice(2);
/** Connections that are opened at a time. */
const BATCH = 100;
/** The loop, its timers and its collector settle for so long. */
const REST_MS = 3000;
const ASK = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/** Resident KiB of a process. */
function resident(pid: number): number {
  const [, size = "0"] =
    /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(size);
}

/** A connection that got its answer. */
function stay(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", reject);
    socket.once("data", () => {
      socket.removeAllListeners("error").on("error", () => {});
      resolve(socket);
    });
    socket.write(ASK);
  });
}

async function open(port: number, wanted: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < wanted) {
    const size = Math.min(BATCH, wanted - sockets.length);
    sockets.push(
      ...await Promise.all(Array.from({ length: size }, () => stay(port))),
    );
  }
  return sockets;
}

async function measure(runtime: RuntimeName, http: string): Promise<void> {
  const server = await startServer(
    {
      runtime,
      app: "examples/hello.ts",
      args: ["-w", "1", "--keep-alive", "600", "--http", http],
    },
    randomUUID(),
    [] as Command[],
  );
  const [worker] = server.workers() as [number];
  try {
    // The code that serves is warm before it counts.
    for (const socket of await open(server.port, 500)) socket.destroy();
    await sleep(REST_MS);
    const before = resident(worker);
    const sockets = await open(server.port, Number(count));
    await sleep(REST_MS);
    const after = resident(worker);
    const left = sockets.filter((one) => !one.destroyed).length;
    const each = (after - before) / Number(count);
    console.log(
      `| ${runtime} | ${http} | ${left} | ${before} | ${after} | ${
        each.toFixed(2)
      } |`,
    );
    for (const socket of sockets) socket.destroy();
  } finally {
    await server.stop("SIGINT");
  }
}

console.log("| runtime | engine | open | KiB before | KiB after | KiB each |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const runtime of runtimes.split(",") as RuntimeName[]) {
  for (const http of ["native", "wire"]) await measure(runtime, http);
}
process.exit();
