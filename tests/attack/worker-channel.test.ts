/** What an app can do to the arbiter by its process's channels. */
import { readFileSync } from "node:fs";
import * as assert from "../support/assert.ts";
import { get } from "../support/client/curl.ts";
import { promises } from "../support/promise.ts";
import type { Server } from "../support/process/server.ts";
import { anySeed } from "../support/random.ts";
import { until } from "../support/wait.ts";

const channel = promises("the worker's channel");

/** Finds every way out of its process and sends what it is asked to. */
const APP = `
import fs from "node:fs";
import process from "node:process";
import { randomFrom } from ${
  JSON.stringify(new URL("../support/random.ts", import.meta.url).href)
};

/** Deno's own calls write to nothing that Deno did not open. */
const libc = globalThis.Deno?.dlopen("libc.so.6", {
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
}).symbols;

const MSG_DONTWAIT = 0x40;

/** Writes into corn's own channel, as only an app that means harm does; gives how much went out. */
function raw(text) {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  for (const fd of CHANNEL) {
    try {
      sent += libc === undefined
        ? fs.writeSync(fd, bytes)
        : Math.max(0, Number(libc.send(fd, bytes, BigInt(bytes.length), MSG_DONTWAIT)));
    } catch {
      // The arbiter has not read so far.
    }
  }
  return sent;
}

/** The connected unix sockets of this process, see proc(5): the channel is one, Deno has others. */
function sockets() {
  const connected = fs.readFileSync("/proc/net/unix", "utf8").split("\\n")
    .filter((line) => / 0001 03 +\\d+$/.test(line))
    .map((line) => "socket:[" + line.trim().split(" ").at(-1) + "]");
  return fs.readdirSync("/proc/self/fd").map(Number).filter((fd) => {
    try {
      return fd > 2 && connected.includes(fs.readlinkSync("/proc/self/fd/" + fd));
    } catch {
      return false;
    }
  });
}
const CHANNEL = sockets();

const KINDS = ["hello", "ready", "failed", "beat", "recycle", "log", "access", "serving", "boot", "__proto__", "x"];
const VALUES = [null, true, -1, 1e308, "", "info", "app", "\\u001b[2J", [], [null], {}, { length: 1 }, [{ kind: "tcp" }]];
const FIELDS = ["level", "text", "oldest", "busy", "open", "requests", "kind", "message", "stack", "addresses", "engine", "reason", "failure", "now", "exception"];

function fuzz(seed, count) {
  const random = randomFrom(seed);
  const pick = (from) => from[Math.floor(random() * from.length)];
  for (let at = 0; at < count; at++) {
    const message = { type: pick(KINDS) };
    for (let fields = random() * 6; fields > 0; fields--) message[pick(FIELDS)] = pick(VALUES);
    // A worker that leaves when it was told to is no fault.
    if (message.type === "recycle") message.failure = "no";
    const text = JSON.stringify(message);
    const line = random() < 0.7 ? text : text.slice(0, random() * text.length);
    raw(line + "\\n");
    try { process.send?.(message); } catch {}
  }
}

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const seed = Number(url.searchParams.get("seed"));
    switch (url.pathname) {
      case "/send":
        for (const message of [{ type: "log" }, { type: "beat", oldest: [null] }, { cmd: "NODE_HANDLE_ACK" }]) {
          try { process.send?.(message); } catch {}
        }
        return Response.json({ send: typeof process.send, connected: process.connected ?? false });
      case "/fuzz":
        fuzz(seed, 2000);
        return new Response("done");
      case "/endless":
        // In one go: the end of a message of corn's own would end the line.
        const text = "x".repeat(1 << 16);
        const pause = new Int32Array(new SharedArrayBuffer(4));
        for (let sent = 0; sent < 64 << 20; sent += raw(text)) {
          Atomics.wait(pause, 0, 0, 1);
        }
        return new Response("done");
      case "/disconnect":
        try { process.disconnect?.(); } catch {}
        return new Response("done");
    }
    return new Response("good " + process.pid);
  },
};
`;

function memory(pid: number): number {
  const [, kilobytes] =
    /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

async function serves(server: Server): Promise<void> {
  await until("an answer", async () => {
    try {
      return (await get(server.url)).startsWith("good");
    } catch {
      return false;
    }
  });
}

channel("process.send() and disconnect() reach nobody", async (lab) => {
  const app = lab.write("app.ts", APP);
  const server = await lab.start({
    app,
    args: ["-w", "1", "--slow-loop", "0"],
  });
  const [worker] = server.workers();
  assert.equal(JSON.parse(await get(`${server.url}/send`)), {
    send: "undefined",
    connected: false,
  });
  await get(`${server.url}/disconnect`);
  await serves(server);
  assert.equal(server.workers(), [worker]);
  assert.not.match(server.log(), /WARNING|ERROR|CRITICAL/);
});

channel("a broken reload that calls itself ready is none", async (lab) => {
  const app = lab.write("app.ts", APP);
  const server = await lab.start({ app, args: ["-w", "2"] });
  const workers = server.workers();
  lab.write(
    "app.ts",
    `import process from "node:process";
const ready = { type: "ready", engine: "wire", addresses: [] };
for (let at = 0; at < 3; at++) try { process.send?.(ready); } catch {}
await new Promise((resolve) => setTimeout(resolve, 300));
throw new Error("broken");
`,
  );
  server.signal("SIGHUP");
  await server.waitForLog(/Reload (failed|refused|given up)/i);
  await serves(server);
  assert.equal(server.workers().sort(), workers.sort());
});

channel("no message of any kind ends the arbiter", async (lab) => {
  const seed = anySeed();
  console.log(`\n# seed ${seed}`);
  const app = lab.write("app.ts", APP);
  const server = await lab.start({ app, args: ["-w", "2"] });
  for (let round = 0; round < 4; round++) {
    await get(`${server.url}/fuzz?seed=${seed + round}`);
    await serves(server);
  }
  assert.is(server.ending(), undefined);
  assert.match(server.log(), /which is not corn's and is not heeded/);
  server.signal("SIGHUP");
  await serves(server);
});

channel("a line without an end ends its worker alone", async (lab) => {
  const app = lab.write("app.ts", APP);
  const server = await lab.start({ app, args: ["-w", "2"] });
  const before = memory(server.pid);
  await get(`${server.url}/endless`).catch(() => "");
  await server.waitForLog(/sent a line that is longer than any message/);
  await server.waitForLog(/was killed by SIGKILL[^]*ready in/);
  await serves(server);
  const grown = memory(server.pid) - before;
  assert.ok(grown < 40, `the arbiter grew by ${grown} MB`);
});

channel.run();
