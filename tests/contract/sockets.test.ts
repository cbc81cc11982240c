/** What every adapter promises of inherited sockets: they are served natively, and never closed. */
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from "node:fs";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skip, suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { servingRuntime } from "../../adapters/mod.ts";
import type {
  Address,
  Engine,
  EngineOptions,
  Listener,
} from "../../src/runtime/runtime.ts";
import { defaultLimits } from "../../src/http/h1/limits.ts";
import { asyncClass } from "../../src/worker/classes/async.ts";
import { createEngine, prepareFor } from "../../src/worker/engine.ts";

const sockets = suite("inherited sockets");
const runtime = await servingRuntime();
const folder = mkdtempSync(join(tmpdir(), "corn-sockets-"));
const reports: string[] = [];
const open: { close(): void }[] = [];

/** Node refuses to close a bound socket that an engine of the same process took, which no arbiter does. */
function closeQuietly(one: { close(): void }): void {
  try {
    one.close();
  } catch (error) {
    assert.match((error as Error).message, "already been adopted");
  }
}

const HANDLER: EngineOptions["handler"] = {
  style: "fetch",
  fetch: (request) =>
    new Response(`you asked ${new URL(request.url).pathname}`),
  node() {},
};

async function startEngine(
  http: "native" | "wire" = "native",
): Promise<Engine> {
  const choice = {
    workerClass: asyncClass,
    http: {
      engine: http,
      lightResponse: true,
      limits: defaultLimits,
      serving: { keepAliveMs: 300, backlog: 64, unixMode: 0o600 },
    },
    listeners: [],
  };
  await prepareFor(choice, runtime, false);
  const engine = await createEngine(choice, runtime, {
    text: "app.ts",
    handler: HANDLER,
    observer: undefined,
    report: (text) => void reports.push(text),
  });
  open.push(engine);
  return engine;
}

async function listen(address: Address, queues: number): Promise<Listener> {
  const listener = await runtime.listen(address, {
    queues,
    reusePort: true,
    backlog: 64,
    unixMode: 0o600,
  });
  open.push(listener);
  return listener;
}

function dial(address: Address): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = address.kind === "tcp"
      ? connect({ host: address.host, port: address.port })
      : connect({ path: address.path });
    open.push({ close: () => socket.destroy() });
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** One request on a connection of its own or a given one. */
function ask(socket: Socket, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes;
      if (text.includes(`asked ${path}`)) resolve(text);
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error(`closed after "${text}"`)));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: corn\r\n\r\n`);
  });
}

function inodeOf(descriptor: number): string {
  const link = readlinkSync(`/proc/self/fd/${descriptor}`);
  return /socket:\[(\d+)\]/.exec(link)?.[1] ?? link;
}

/** True when an event loop of this process waits for the socket. */
function isWatched(inode: string): boolean {
  const wanted = `ino:${Number(inode).toString(16)} `;
  return readdirSync("/proc/self/fd").some((name) => {
    try {
      if (!readlinkSync(`/proc/self/fd/${name}`).includes("[eventpoll]")) {
        return false;
      }
      return readFileSync(`/proc/self/fdinfo/${name}`, "utf8").includes(wanted);
    } catch {
      return false; // The descriptor of the listing itself is gone by now.
    }
  });
}

sockets.after.each(() => {
  for (const one of open.splice(0).reverse()) closeQuietly(one);
  reports.length = 0;
});
sockets.after(() => rmSync(folder, { recursive: true }));

const ADDRESSES: Record<string, () => Address> = {
  TCP: () => ({ kind: "tcp", host: "127.0.0.1", port: 0 }),
  "IPv6": () => ({ kind: "tcp", host: "::1", port: 0 }),
  "a unix socket": () => ({ kind: "unix", path: join(folder, "a.sock") }),
};

/** An engine that serves on an inherited socket. */
async function serveOn(address: Address) {
  const listener = await listen(address, 1);
  const engine = await startEngine();
  const [descriptor] = listener.queues as [number];
  const inode = inodeOf(descriptor);
  const at = listener.address;
  await engine.open({ kind: "descriptor", descriptor, address: at });
  return { engine, inode, at };
}

for (const [name, address] of Object.entries(ADDRESSES)) {
  sockets(`an engine serves on an inherited socket over ${name}`, async () => {
    const { inode } = await serveOn(address());
    assert.equal(reports, []);
    // Node takes descriptors by itself; on the others it is corn's doing.
    if (runtime.name !== "node") assert.ok(isWatched(inode));
  });

  sockets(
    `a drain takes the socket out of the event loop over ${name}`,
    async () => {
      if (runtime.name === "node") {
        return skip(
          "in one process Node's engine would close the arbiter's own descriptor",
        );
      }
      const { engine, inode, at } = await serveOn(address());
      await ask(await dial(at), "/before");
      const drained = engine.drain();
      assert.not.ok(isWatched(inode));
      // The kernel still takes connections: they wait for another worker.
      await dial(at);
      await drained;
    },
  );
}

sockets("a second queue may be opened while serving", async () => {
  const listener = await listen(ADDRESSES.TCP!(), 2);
  const engine = await startEngine();
  for (const descriptor of listener.queues) {
    const source = { kind: "descriptor", address: listener.address } as const;
    await engine.open({ ...source, descriptor });
    await ask(await dial(listener.address), "/between");
    if (listener.queues[0] === descriptor) break;
  }
  const [, second] = listener.queues as [number, number];
  await engine.open({
    kind: "descriptor",
    descriptor: second,
    address: listener.address,
  });
  // By chance of ports every queue gets some of them.
  const asked = Array.from(
    { length: 40 },
    async (_, index) =>
      await ask(await dial(listener.address), `/many${index}`),
  );
  await Promise.all(asked);
  assert.equal(reports, []);
});

sockets("one engine serves TCP, IPv6 and unix sockets at once", async () => {
  const engine = await startEngine();
  const inodes: string[] = [];
  const served: Address[] = [];
  for (const address of Object.values(ADDRESSES)) {
    const listener = await listen(address(), 1);
    const [descriptor] = listener.queues as [number];
    inodes.push(inodeOf(descriptor));
    const at = listener.address;
    await engine.open({ kind: "descriptor", descriptor, address: at });
    served.push(at);
    // The ones before it are served on.
    for (const one of served) await ask(await dial(one), "/one-of-many");
  }
  assert.equal(reports, []);
  if (runtime.name === "node") return;
  assert.ok(inodes.every(isWatched), "the inherited sockets are accepted from");
  const drained = engine.drain();
  assert.not.ok(inodes.some(isWatched), "a drain stops all of them");
  await drained;
});

sockets("a swap that fails is told and made up for", async () => {
  if (runtime.name === "node") {
    return skip("Node takes descriptors by itself: there is no swap");
  }
  const listener = await listen(ADDRESSES.TCP!(), 1);
  const engine = await startEngine();
  const file = openSync("/dev/null", "r");
  open.push({ close: () => closeSync(file) });
  const at = await engine.open({
    kind: "descriptor",
    descriptor: file,
    address: listener.address,
  });
  assert.equal(at, listener.address);
  assert.equal(reports, [
    `Cannot accept from an inherited socket (descriptor ${file} is no socket): binding the address with SO_REUSEPORT instead`,
  ]);
  for (let count = 0; count < 5; count++) {
    await ask(await dial(at), `/self-bound${count}`);
  }
});

sockets("a swap of a unix socket that fails is an error", async () => {
  if (runtime.name === "node") {
    return skip("Node takes descriptors by itself: there is no swap");
  }
  const listener = await listen(ADDRESSES["a unix socket"]!(), 1);
  const engine = await startEngine();
  const file = openSync("/dev/null", "r");
  open.push({ close: () => closeSync(file) });
  const { address } = listener;
  try {
    await engine.open({ kind: "descriptor", descriptor: file, address });
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      `Cannot accept from an inherited unix socket (descriptor ${file} is no socket): give --http wire`,
    );
  }
});

/** The engines that let go of a queue on this runtime. */
const RELEASING = runtime.name === "node"
  ? ["native", "wire"] as const
  : ["native"] as const;

for (const http of RELEASING) {
  sockets(
    `a queue that the ${http} engine released is left to others until it is opened again`,
    async () => {
      const listener = await listen(ADDRESSES.TCP!(), 1);
      const engine = await startEngine(http);
      const [descriptor] = listener.queues as [number];
      const gauge = runtime.gauge(listener.queues);
      open.push(gauge);
      const at = listener.address;
      const source = { kind: "descriptor", descriptor, address: at } as const;
      await engine.open(source);
      for (const round of ["first", "second", "third"]) {
        const kept = await dial(at);
        await ask(kept, `/${round}/before`);
        assert.ok(engine.release(descriptor));
        assert.ok(engine.release(descriptor), "it is so already");
        const waiting = [await dial(at), await dial(at)].map((socket, index) =>
          ask(socket, `/${round}/waits/${index}`)
        );
        // Two turns of a loop that would accept, with an answer in each.
        await ask(kept, `/${round}/kept`);
        await ask(kept, `/${round}/again`);
        assert.equal(gauge.read(), [2]);
        assert.equal(await engine.open(source), at);
        await Promise.all(waiting);
        assert.equal(gauge.read(), [0]);
      }
      assert.equal(reports, []);
    },
  );
}

sockets("a drain of a released queue takes nothing from it", async () => {
  if (runtime.name === "node") {
    return skip(
      "in one process Node's engine would close the arbiter's own descriptor",
    );
  }
  const listener = await listen(ADDRESSES.TCP!(), 1);
  const engine = await startEngine();
  const [descriptor] = listener.queues as [number];
  const gauge = runtime.gauge(listener.queues);
  open.push(gauge);
  const address = listener.address;
  await engine.open({ kind: "descriptor", descriptor, address });
  engine.release(descriptor);
  await dial(address);
  await engine.drain();
  assert.equal(gauge.read(), [1]);
});

for (const name of ["TCP", "IPv6"]) {
  sockets(`a gauge counts what waits over ${name}`, async () => {
    const listener = await listen(ADDRESSES[name]!(), 2);
    const gauge = runtime.gauge(listener.queues);
    open.push(gauge);
    assert.equal(gauge.read(), [0, 0], "nobody listens");
    const engine = await startEngine();
    const [descriptor] = listener.queues as [number, number];
    const address = listener.address;
    await engine.open({ kind: "descriptor", descriptor, address });
    engine.release(descriptor);
    await dial(address);
    await dial(address);
    await dial(address);
    assert.equal(gauge.read(), [3, 0]);
  });
}

sockets("a gauge knows what found no place in a queue", async () => {
  const listener = await listen(ADDRESSES.TCP!(), 1);
  const gauge = runtime.gauge(listener.queues);
  open.push(gauge);
  if (gauge.drops === undefined) {
    assert.is(runtime.name, "node");
    return skip("Node does not call libc");
  }
  assert.equal(gauge.drops(), [0]);
});

sockets("a gauge of no sockets counts nothing", () => {
  const gauge = runtime.gauge([]);
  assert.equal(gauge.read(), []);
  gauge.close();
  gauge.close();
});

sockets("a unix socket has its mode before anybody can connect", async () => {
  const path = join(folder, "mode.sock");
  await listen({ kind: "unix", path }, 1);
  assert.is(statSync(path).mode & 0o777, 0o600);
});

sockets("a closed listener removes its unix socket", async () => {
  const path = join(folder, "closed.sock");
  const listener = await listen({ kind: "unix", path }, 1);
  listener.close();
  assert.is(statSync(path, { throwIfNoEntry: false }), undefined);
});

if (runtime.holdsListeners) sockets.run();
else console.log("# skip inherited sockets: this runtime holds none");
