/** Files as bodies of responses of the wire engine: whole, in order, at flat memory, and never a clean end where they broke off. */
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { targetOf } from "../support/client/client.ts";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { fixture, promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { until } from "../support/wait.ts";

const files = promises("files as bodies");
const app = fixture("files.ts");

const MEGABYTE = 2 ** 20;
const SIZE = 400 * MEGABYTE;
/** What a worker may grow by: parts on their way, and what a garbage collector leaves for later. */
const GROWTH = 100 * MEGABYTE;

/** A file that takes no room on the disk, with an end that shows. */
function sparse(path: string): void {
  const file = openSync(path, "w");
  ftruncateSync(file, SIZE - 3);
  writeSync(file, new TextEncoder().encode("end"), 0, 3, SIZE - 3);
  closeSync(file);
}

function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** Bytes that the kernel holds for a client that does not read. */
function unreadBy({ localPort = 0, remotePort = 0 }: Socket): number {
  // A local port alone says little: connections to other places may have the same.
  const [own, other] = [localPort, remotePort].map((port) =>
    `:${port.toString(16).toUpperCase().padStart(4, "0")}`
  ) as [string, string];
  const row = readFileSync("/proc/net/tcp", "utf8").split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find(([, local, remote]) =>
      local?.endsWith(own) && remote?.endsWith(other)
    );
  return parseInt(row?.[4]?.split(":")[1] ?? "0", 16);
}

/** Asks for a path and leaves the answer unread. */
async function ask(url: string, path: string): Promise<Socket> {
  const socket = connect(targetOf(url) as { host: string; port: number });
  await once(socket, "connect");
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  return socket;
}

/** Reads all of it; gives its size, its head and its last bytes. */
async function read(
  socket: Socket,
): Promise<{ size: number; head: string; tail: string; failed: boolean }> {
  let size = 0;
  let head = "";
  let tail = "";
  let failed = false;
  socket.on("data", (bytes: Uint8Array) => {
    const text = new TextDecoder("latin1").decode(bytes.subarray(-32));
    if (size === 0) {
      head = new TextDecoder("latin1").decode(bytes.subarray(0, 500));
    }
    size += bytes.length;
    tail = (tail + text).slice(-32);
  });
  socket.on("error", () => failed = true);
  const closed = new Promise<void>((resolve) =>
    socket.once("close", () => resolve())
  );
  socket.resume();
  await closed;
  return { size, head: head.split("\r\n\r\n")[0] + "\r\n", tail, failed };
}

/** A worker whose app answers with a large file. */
function serveFile(lab: Lab): Promise<Server> {
  const file = `${lab.folder}/big`;
  sparse(file);
  lab.forgive(file);
  return lab.start({
    app,
    args: ["-w", "1", "--http", "wire"],
    env: { TEST_FILE: file },
  });
}

const paths = runtimeName === "node"
  ? ["/node", "/node?length"]
  : ["/node", "/own", "/own?length"];

for (const path of paths) {
  files(`${path} comes whole, at flat memory, as it is read`, async (lab) => {
    const server = await serveFile(lab);
    const [pid] = server.workers() as [number];
    const warm = await ask(server.url, path);
    assert.ok((await read(warm)).size > SIZE, "a first time, for what is kept");
    const before = residentOf(pid);
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, residentOf(pid));
    }, 20);
    try {
      const socket = await ask(server.url, path);
      // The kernel's buffers fill, and the worker must wait.
      let last = 0;
      await until("full buffers", () => {
        const now = unreadBy(socket);
        const full = now > 0 && now === last;
        last = now;
        return full;
      });
      const { size, head, tail } = await read(socket);
      assert.ok(size > SIZE, `${size} bytes`);
      const sized = /content-length: (\d+)/i.exec(head);
      const blob = runtimeName === "bun" && path === "/own";
      if (path.includes("length") || blob) {
        assert.is(Number(sized?.[1]), SIZE);
        assert.ok(tail.endsWith("end"));
      } else {
        assert.ok(tail.endsWith("end\r\n0\r\n\r\n"));
      }
      assert.ok(
        most - before < GROWTH,
        `grew from ${before / MEGABYTE} to ${most / MEGABYTE} MB`,
      );
    } finally {
      clearInterval(watch);
    }
  });
}

files("a body that breaks off is no whole one", async (lab) => {
  const server = await serveFile(lab);
  for (const path of ["/broken", "/broken?length"]) {
    const { tail, failed } = await read(await ask(server.url, path));
    assert.ok(failed, "reset");
    assert.not.match(tail, /0\r\n\r\n$/);
  }
  await server.waitForLog(/Response to GET \/broken failed: broken/);
});

files.run();
