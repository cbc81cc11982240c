/** How the wire engine leaves connections in the queues of inherited sockets. */
import { reset } from "../support/client/client.ts";
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import type { Address, Engine, Source } from "../../src/runtime/runtime.ts";
import type { RawClient, Target } from "../support/client/client.ts";
import { promises } from "../support/promise.ts";
import { skip } from "../support/suite.ts";
import type { Lab } from "../support/promise.ts";
import { sleep, until } from "../support/wait.ts";

process.env.TEST_HTTP = "wire";
const { runtime, serveEngine } = await import("../support/engine/engine.ts");

const intake = promises(`the wire engine's intake on ${runtime.name}`);

const KINDS = ["tcp", "unix"] as const;

function addressIn({ folder }: Lab, kind: Address["kind"]): Address {
  return kind === "unix"
    ? { kind, path: join(folder, "a.sock") }
    : { kind, host: "127.0.0.1", port: 0 };
}

interface Bench extends AsyncDisposable {
  readonly engine: Engine;
  readonly target: Target;
  readonly source: Source & { kind: "descriptor" };
  /** Requests that the app has in hand. */
  running(): number;
}

/** An engine that accepts from an inherited socket. */
async function begin(
  lab: Lab,
  kind: Address["kind"],
  connections = 0,
): Promise<Bench> {
  let running = 0;
  const served = await serveEngine({
    source: "descriptor",
    address: addressIn(lab, kind),
    connections,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      running++;
      if (pathname === "/slow") await sleep(50);
      running--;
      return new Response(pathname);
    },
  });
  const { address, target, engine } = served;
  if (address.kind === "unix") lab.forgive(address.path);
  const descriptor = served.descriptor as number;
  return {
    engine,
    target,
    source: { kind: "descriptor", descriptor, address },
    running: () => running,
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}

for (const kind of KINDS) {
  intake(`a released ${kind} queue is left to others`, async (lab) => {
    await using bench = await begin(lab, kind);
    const { engine, source, target } = bench;
    for (const round of ["first", "second", "third"]) {
      const kept = await lab.connect(target);
      assert.is((await kept.request(`/${round}`)).text, `/${round}`);
      assert.ok(engine.release(source.descriptor));
      assert.ok(engine.release(source.descriptor), "it is so already");
      const waiting = [await lab.connect(target), await lab.connect(target)];
      for (const one of waiting) one.send("/waits");
      // Turns of a loop that would accept, with an answer in each.
      for (let count = 0; count < 5; count++) await kept.request("/slow");
      for (const one of waiting) assert.is(one.unread, 0);
      assert.equal(await engine.open(source), source.address);
      for (const one of waiting) assert.is((await one.answer()).status, 200);
    }
  });

  intake(`a burst over ${kind} waits in the queue`, async (lab) => {
    await using bench = await begin(lab, kind, 4);
    const { target } = bench;
    const clients: RawClient[] = [];
    for (let count = 0; count < 32; count++) {
      clients.push(await lab.connect(target));
    }
    let most = 0;
    let closing = 0;
    const done = clients.map(async (client) => {
      client.send("/slow");
      const answer = await client.answer();
      assert.is(answer.text, "/slow");
      if (answer.closes) closing++;
    });
    const watch = setInterval(() => {
      most = Math.max(most, bench.running());
    }, 5);
    await Promise.all(done);
    clearInterval(watch);
    assert.ok(most > 0 && most <= 4, `${most} at once`);
    assert.ok(closing >= 20, `${closing} places were given to others`);
    // As long as there is room, a connection is kept.
    await until("room", async () => {
      const client = await lab.connect(target);
      const { closes } = await client.request("/");
      client.close();
      return !closes;
    });
  });
}

intake("who holds a place and says nothing loses it", async (lab) => {
  await using bench = await begin(lab, "tcp", 2);
  const silent = [await lab.connect(bench.target)];
  silent.push(await lab.connect(bench.target));
  const client = await lab.connect(bench.target);
  // Long before the time that a head has.
  const answer = await client.request("/");
  assert.is(answer.status, 200);
  assert.not.ok(silent.every((one) => one.open));
});

intake("a place is free again however its connection ends", async (lab) => {
  await using bench = await begin(lab, "tcp", 2);
  for (let round = 0; round < 5; round++) {
    const [one, other] = [
      await lab.connect(bench.target),
      await lab.connect(bench.target),
    ];
    one.send("/slow");
    await other.request("/");
    if (round % 2 === 0) reset(one.socket);
    else one.close();
    other.close();
    const next = await lab.connect(bench.target);
    assert.is((await next.request("/")).status, 200);
    next.close();
  }
});

intake("a queue that is opened meanwhile waits as well", async (lab) => {
  await using bench = await begin(lab, "tcp", 1);
  const { engine, source, target } = bench;
  const holder = await lab.connect(target);
  holder.send("/slow");
  await until("the request", () => bench.running() === 1);
  engine.release(source.descriptor);
  const waiting = await lab.connect(target);
  waiting.send("/waits");
  await engine.open(source);
  assert.is((await holder.answer()).status, 200);
  assert.is((await waiting.answer()).text, "/waits");
});

intake("an abstract name is listened on", async ({ connect }) => {
  if (process.platform !== "linux") {
    return skip("abstract names are Linux's own");
  }
  const name = `corn-test-${process.pid}`;
  await using served = await serveEngine({
    source: "address",
    address: { kind: "unix", path: `@${name}` },
    fetch: () => new Response("ok"),
  });
  assert.equal(served.address, { kind: "unix", path: `@${name}` });
  const client = await connect({ path: `\0${name}` });
  assert.is((await client.request("/")).text, "ok");
});

intake.run();
