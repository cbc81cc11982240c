/** One request in hand at a time, by the engines that can see to it. */
import { join } from "node:path";
import process from "node:process";
import * as assert from "../support/assert.ts";
import { reset } from "../support/client/client.ts";
import type { RawClient, Target } from "../support/client/client.ts";
import { promises } from "../support/promise.ts";
import type { Lab } from "../support/promise.ts";
import { OnePlace } from "../../src/worker/classes/one-place.ts";
import type { RequestHandler } from "../../src/runtime/runtime.ts";
import { sleep, until } from "../support/wait.ts";

// A file that sets it to native runs this suite again, where native can.
process.env.TEST_HTTP ??= "wire";
const { http, runtime, serveEngine } = await import(
  "../support/engine/engine.ts"
);

const sync = promises(`one request in hand, ${http} on ${runtime.name}`);

/** Long enough for what would be served to be served. */
const A_WHILE_MS = 150;

/** More than any socket takes at once. */
const LARGE = 32 * 1024 * 1024;

interface Bench extends AsyncDisposable {
  readonly target: Target;
  readonly place: OnePlace;
  /** Paths of the requests that the app has in hand. */
  readonly running: string[];
  /** The most that it had at once. */
  most(): number;
  /** Requests that wait in this process. */
  queued(): number;
  /** What was told of the first that had the place for long. */
  long(): string;
  /** Lets the oldest one be answered. */
  answer(): void;
  drain(): Promise<void>;
}

/** An engine on an inherited socket, whose app answers when it is told. */
async function begin(
  lab: Lab,
  // However busy the machine is: the clients are in this process too.
  { kind = "tcp", keepAliveMs = 0, expectedMs = 20_000, longMs }: {
    kind?: "tcp" | "unix";
    keepAliveMs?: number;
    expectedMs?: number;
    longMs?: number;
  } = {},
): Promise<Bench> {
  const running: string[] = [];
  const waiting: (() => void)[] = [];
  let most = 0;
  let queued = 0;
  let long = "";
  const place = new OnePlace({
    clock: runtime.clock,
    expectedMs,
    onQueued: (count) => void (queued = count),
    ...(longMs !== undefined && {
      longMs,
      onLong: ({ method, url, answering }) =>
        void (long = `${method} ${url} ${answering}`),
    }),
  });
  function work(path: string): Promise<void> {
    running.push(path);
    most = Math.max(most, running.length);
    return new Promise((resolve) =>
      waiting.push(() => {
        running.splice(running.indexOf(path), 1);
        resolve();
      })
    );
  }
  const address = kind === "unix"
    ? { kind, path: join(lab.folder, "a.sock") }
    : { kind, host: "127.0.0.1", port: 0 };
  const fetch: RequestHandler["fetch"] = async (request) => {
    const { pathname } = new URL(request.url);
    await work(pathname);
    if (pathname === "/large") return new Response(new Uint8Array(LARGE));
    if (pathname !== "/stream") return new Response(pathname);
    return new Response(
      new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode("begun,"));
          await work("the rest");
          controller.enqueue(new TextEncoder().encode("done"));
          controller.close();
        },
      }),
    );
  };
  const node: RequestHandler["node"] = async (incoming, outgoing) => {
    const { url } = incoming as { url: string };
    const response = outgoing as {
      write(text: string): void;
      end(body: string | Uint8Array): void;
    };
    await work(url);
    if (url === "/large") return response.end(new Uint8Array(LARGE));
    if (url !== "/stream") return response.end(url);
    response.write("begun,");
    await work("the rest");
    response.end("done");
  };
  const served = await serveEngine({
    source: "descriptor",
    address,
    keepAliveMs,
    place,
    ...(http === "wire" ? { fetch } : { node }),
  });
  if (kind === "unix") lab.forgive(join(lab.folder, "a.sock"));
  return {
    target: served.target,
    place,
    running,
    most: () => most,
    queued: () => queued,
    long: () => long,
    answer: () => waiting.shift()?.(),
    drain: () => served.engine.drain(),
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}

/** Opens a connection and asks. */
async function ask(lab: Lab, bench: Bench, path: string): Promise<RawClient> {
  const client = await lab.connect(bench.target);
  client.send(path);
  return client;
}

for (const kind of ["tcp", "unix"] as const) {
  sync(`the others wait in the ${kind} queue`, async (lab) => {
    await using bench = await begin(lab, { kind });
    const clients: RawClient[] = [];
    for (const path of ["/1", "/2", "/3", "/4"]) {
      clients.push(await ask(lab, bench, path));
      await until("one in hand", () => bench.running.length === 1);
    }
    await sleep(A_WHILE_MS);
    assert.equal(bench.running, ["/1"]);
    assert.is(bench.queued(), 0, "they wait outside of this process");
    for (const [index, client] of clients.entries()) {
      await until("its turn", () => bench.running[0] === `/${index + 1}`);
      bench.answer();
      const answer = await client.answer();
      assert.is(answer.text, `/${index + 1}`);
      assert.ok(answer.closes);
    }
    assert.is(bench.most(), 1);
  });
}

sync(
  "a connection that stays open after its answer takes no place",
  async (lab) => {
    await using bench = await begin(lab);
    const first = await ask(lab, bench, "/1");
    await until("the first", () => bench.running.length === 1);
    bench.answer();
    assert.is((await first.answer()).text, "/1");
    // It does not close its end.
    await ask(lab, bench, "/2");
    await until("the second", () => bench.running.includes("/2"));
    bench.answer();
  },
);

sync("a connection is there for its request a moment later", async (lab) => {
  await using bench = await begin(lab, { expectedMs: 50 });
  // Once is enough: on a busy machine the moment may become too long.
  await until("an answer", async () => {
    const client = await lab.connect(bench.target);
    await sleep(260);
    client.send("/1");
    await until("its end", () => !client.open || bench.running.length > 0);
    bench.answer();
    return client.open && (await client.answer()).status === 200;
  });
});

sync("clients that send no head hold nobody up", async (lab) => {
  await using bench = await begin(lab, { expectedMs: 50 });
  for (let count = 0; count < 4; count++) await lab.connect(bench.target);
  const silent = await lab.connect(bench.target);
  silent.socket.write("GET /slow HTTP/1.1\r\n");
  const began = performance.now();
  const client = await ask(lab, bench, "/1");
  await until("its turn", () => bench.running.includes("/1"));
  const ms = performance.now() - began;
  assert.ok(ms < 5000, `long before their time is over: ${ms} ms`);
  // A head that is there at last waits in line.
  silent.socket.write("Host: a\r\n\r\n");
  await until("it waits", () => bench.queued() === 1);
  assert.equal(bench.running, ["/1"]);
  bench.answer();
  assert.is((await client.answer()).text, "/1");
  await until("its turn", () => bench.running.includes("/slow"));
  bench.answer();
  assert.is((await silent.answer()).text, "/slow");
});

sync("a request that has the place for long is told of", async (lab) => {
  for (const [path, answers] of [["/stream", true], ["/1", false]] as const) {
    await using bench = await begin(lab, { longMs: 200 });
    const client = await ask(lab, bench, path);
    await until("it is in hand", () => bench.running.length === 1);
    if (answers) {
      bench.answer();
      await until("the rest", () => bench.running.includes("the rest"));
    }
    await until("a word of it", () => bench.long() !== "");
    assert.is(bench.long(), `GET ${path} ${answers}`);
    bench.answer();
    await client.answer();
  }
});

sync("kept-alive connections are served in turn", async (lab) => {
  await using bench = await begin(lab, { keepAliveMs: 10_000 });
  const clients: RawClient[] = [];
  for (const path of ["/1", "/2"]) {
    const client = await ask(lab, bench, path);
    await until("its turn", () => bench.running.includes(path));
    bench.answer();
    const answer = await client.answer();
    assert.not.ok(answer.closes);
    clients.push(client);
  }
  const third = await ask(lab, bench, "/3");
  await until("its turn", () => bench.running.includes("/3"));
  for (const client of clients) client.send("/again");
  await until("they wait", () => bench.queued() === 2);
  // One that leaves is waited for no longer.
  reset(clients.pop()!.socket);
  await until("it is forgotten", () => bench.queued() === 1);
  bench.answer();
  assert.is((await third.answer()).text, "/3");
  await until("its turn", () => bench.running.includes("/again"));
  bench.answer();
  assert.is((await clients[0]!.answer()).text, "/again");
  assert.is(bench.most(), 1);
});

sync("a streamed body keeps the place to its last byte", async (lab) => {
  await using bench = await begin(lab);
  const stream = await ask(lab, bench, "/stream");
  await until("it", () => bench.running.includes("/stream"));
  bench.answer();
  await until("its body", () => bench.running.includes("the rest"));
  const next = await ask(lab, bench, "/next");
  await sleep(A_WHILE_MS);
  assert.equal(bench.running, ["the rest"]);
  bench.answer();
  assert.is((await stream.answer()).text, "begun,done");
  await until("its turn", () => bench.running.includes("/next"));
  bench.answer();
  assert.is((await next.answer()).text, "/next");
});

sync("the place is kept until the kernel has the answer", async (lab) => {
  await using bench = await begin(lab);
  const slow = await lab.connect(bench.target);
  slow.socket.pause();
  slow.send("/large");
  await until("it", () => bench.running.includes("/large"));
  const next = await ask(lab, bench, "/next");
  bench.answer();
  await sleep(A_WHILE_MS);
  assert.equal(bench.running, []);
  assert.is(bench.queued(), 0);
  slow.socket.resume();
  await until("its turn", () => bench.running.includes("/next"));
  bench.answer();
  assert.is((await next.answer()).text, "/next");
});

sync("a client that leaves gives the place back with the app", async (lab) => {
  await using bench = await begin(lab);
  for (const path of ["/1", "/2", "/3"]) {
    const client = await ask(lab, bench, path);
    await until("its turn", () => bench.running.includes(path));
    if (path === "/2") reset(client.socket);
    else client.close();
    const next = await ask(lab, bench, "/next");
    await sleep(A_WHILE_MS / 3);
    if (http === "wire") assert.equal(bench.running, [path]);
    bench.answer();
    await until("its turn", () => bench.running.includes("/next"));
    bench.answer();
    assert.is((await next.answer()).text, "/next");
  }
});

sync("what waits in the queue is served before the end", async (lab) => {
  await using bench = await begin(lab);
  const clients: RawClient[] = [];
  for (const path of ["/1", "/2", "/3"]) {
    clients.push(await ask(lab, bench, path));
  }
  await until("the first", () => bench.running.length === 1);
  let emptied = false;
  const end = bench.place.emptied(20_000).then(() => {
    emptied = true;
    return bench.drain();
  });
  for (const [index, client] of clients.entries()) {
    await until("its turn", () => bench.running[0] === `/${index + 1}`);
    assert.not.ok(emptied);
    bench.answer();
    assert.is((await client.answer()).text, `/${index + 1}`);
    client.close();
  }
  await end;
  assert.ok(emptied);
});

sync.run();
