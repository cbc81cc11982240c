/** Bodies in chunks of one byte take no more memory than they should. */
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { runtimeName } from "../support/process/command.ts";
import { fixture, promises } from "../support/promise.ts";

const chunks = promises("tiny chunks");
const app = fixture("bodies.ts");

const http = process.env.TEST_HTTP ?? "wire";
const MIB = 1024 * 1024;
// A runtime's own server takes microseconds for each piece.
const SIZE = http === "wire" ? 10 * MIB : MIB / 2;
/** Three times the body, and what collectors and a first request of its kind take. */
const MOST = 3 * SIZE + (http === "wire" ? 8 : 64) * MIB;
const CHUNK = "1\r\na\r\n";
const TIMES = 4096;
const pieces = CHUNK.repeat(TIMES);

// What an app does not read yet, node:http holds in pieces: up to 200 MB (24.21).
const late = http === "wire" || runtimeName !== "node" ? ["/late"] : [];
const paths = ["/text", "/bytes", "/stream", ...late];

/** The most memory that a process had since `forget`, in bytes. */
function peakOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]);
}

function forget(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

chunks("a body takes at most three times its bytes", async (lab) => {
  const server = await lab.start({
    app,
    args: ["-w", "1", "--http", http, "--limit-request-body", "10m"],
  });
  const [worker] = server.workers() as [number];
  for (const path of paths) {
    const client = await lab.connect(server.url);
    await client.request("/");
    forget(worker);
    const before = peakOf(worker);
    client.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    for (let sent = 0; sent < SIZE; sent += TIMES) {
      if (!client.socket.write(pieces)) {
        await new Promise((resolve) => client.socket.once("drain", resolve));
      }
    }
    client.write("0\r\n\r\n");
    const { text } = await client.answer({ ms: 30_000 });
    assert.is(Number(text), SIZE);
    const grown = peakOf(worker) - before;
    console.log(`\n# ${runtimeName} ${path}: ${(grown / SIZE).toFixed(1)}`);
    assert.ok(grown < MOST, `${path}: ${grown}`);
    client.close();
  }
});

chunks.run();
