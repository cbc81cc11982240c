import { Threads } from "../../../src/worker/threads/threads.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { FakeLink, FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { bootOf } from "../boot.ts";
import { FlightRecorder } from "../../../src/exchange/flight-record.ts";
import type {
  FailedMessage,
  FiguresMessage,
  RecycleMessage,
} from "../../../src/protocol/messages.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { beat, FIGURES, lines, READY, serve, start } from "./two-threads.ts";

const ends = suite("ends of threads");

ends(
  "a silent thread is named with its request and waited for no more",
  async () => {
    const { runtime, one, two, tell, link, worker } = await serve();
    const recorder = new FlightRecorder(one.options.record);
    recorder.begin({ method: "GET", url: "/hang?secret=1" });
    tell(one, beat(true, { requests: 1, open: 1 }));
    for (let ms = 0; ms < 6000; ms += 250) {
      runtime.clock.pass(250);
      tell(two, beat(false));
    }
    const [line, ...more] = lines(link).filter(({ level }) =>
      level === "error"
    );
    assert.match(
      line?.text ?? "",
      /^Thread 1 of worker 1 \(pid 100\) is blocked for 5\.\d s by GET \/hang: replacing the worker$/,
    );
    assert.equal(more, []);
    const [asked] = link.of<RecycleMessage>("recycle");
    assert.equal([asked?.kind, asked?.failure], ["error", true]);
    worker.receive({ type: "drain" });
    tell(two, { type: "closed" });
    assert.is(link.of("closed").length, 1);
    two.options.onExit({ code: 0 });
    assert.equal(runtime.exits, [0]);
  },
);

ends("the end of a thread that was not told to go is told", async () => {
  const { one, two, link, runtime } = await serve();
  one.options.onExit({
    code: 5,
    called: "Error: process.exit\n    at fetch (/srv/app.js:3:1)",
  });
  const [line] = lines(link);
  assert.is(
    line?.text,
    "Thread 1 ended by process.exit(5)\n    at fetch (/srv/app.js:3:1)",
  );
  const [asked] = link.of<RecycleMessage>("recycle");
  assert.is(asked?.reason, "the end of thread 1");
  assert.not(asked?.now);
  two.options.onExit({ code: 1, error: new Error("boom") });
  assert.ok(link.of<RecycleMessage>("recycle").at(-1)?.now);
  assert.equal(runtime.exits, []);
});

ends("a thread without memory is told with what it had in hand", async () => {
  const { one, two, link } = await serve();
  const full = (code: string) => Object.assign(new Error("full"), { code });
  const recorder = new FlightRecorder(one.options.record);
  recorder.begin({ method: "GET", url: "/leak?secret=1" });
  const error = full("ERR_WORKER_OUT_OF_MEMORY");
  one.options.onExit({ code: 1, error });
  two.options.onExit({ code: 1, error: full("ERR_OTHER") });
  const [line, other] = lines(link);
  assert.is(
    line?.text,
    "Thread 1 ran out of heap memory by GET /leak: find what it keeps by corn heap, or give it more by --worker-args=--max-old-space-size=MIB",
  );
  assert.match(other?.text ?? "", /^Thread 2 ended by an uncaught error\n/);
});

ends("a thread that ends before all are ready fails the start", async () => {
  const { one, two, tell, link, runtime } = await start();
  tell(one, READY);
  two.options.onExit({ code: 0 });
  assert.match(
    link.of<FailedMessage>("failed")[0]?.message ?? "",
    /^Cannot load app "app\.ts": thread 2 ended by itself, with code 0$/,
  );
  assert.equal(runtime.exits, [4]);
});

ends("what an error in a thread asks for names it", async () => {
  const { one, tell, link } = await serve();
  tell(
    one,
    { type: "log", level: "error", text: "Uncaught error", exception: true },
    {
      type: "recycle",
      kind: "error",
      reason: "an uncaught error",
      failure: true,
    },
  );
  assert.is(lines(link)[0]?.text, "Thread 1: Uncaught error");
  const [asked] = link.of<RecycleMessage>("recycle");
  assert.is(asked?.reason, "an uncaught error in thread 1");
});

ends("what ends a thread in a drain is told by log and code", async () => {
  const { runtime, one, two, link, worker } = await serve();
  worker.receive({ type: "drain" });
  one.options.onExit({ code: 143, called: "Error: process.exit" });
  assert.equal(lines(link), []);
  two.options.onExit({
    code: 7,
    called: "Error: process.exit\n    at fetch (/srv/app.js:3:1)",
  });
  assert.equal(lines(link).map(({ text }) => text), [
    "Thread 2 ended by process.exit(7)\n    at fetch (/srv/app.js:3:1)",
  ]);
  assert.equal(runtime.exits, [7]);
});

ends("no frame of corn's own is told for one of the app", async () => {
  const { one, link } = await serve();
  const own = new URL("../../../adapters/mod.ts", import.meta.url).pathname;
  one.options.onExit({
    code: 5,
    called: `Error: process.exit\n    at <anonymous> (${own}:1:1)`,
  });
  assert.is(lines(link)[0]?.text, "Thread 1 ended by process.exit(5)");
});

ends("a drain cuts what is blocked, and says so", async () => {
  const { runtime, one, two, tell, link, worker } = await serve({
    plan: { life: { silenceMs: 0 } },
  });
  tell(one, beat(true, { open: 1 }));
  worker.receive({ type: "drain" });
  two.options.onExit({ code: 0 });
  assert.equal(runtime.exits, []);
  runtime.clock.pass(10_899);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1);
  assert.equal(runtime.exits, [0]);
  assert.match(
    lines(link).at(-1)?.text ?? "",
    /^Cut thread 1, blocked.*: the graceful timeout of 10 s is over$/,
  );
});

ends("a quit that is over is none that failed", async () => {
  const { runtime, worker } = await serve();
  worker.quit();
  runtime.clock.pass(1799);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1);
  assert.equal(runtime.exits, [0]);
});

ends("a quit that is over keeps the code of a thread", async () => {
  const { runtime, two, worker } = await serve();
  worker.quit();
  two.options.onExit({ code: 7, called: "Error: process.exit" });
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1799);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1);
  assert.equal(runtime.exits, [7]);
});

ends(
  "a drain that cuts the last thread keeps the code of another",
  async () => {
    const { runtime, two, worker } = await serve();
    worker.receive({ type: "drain", withinMs: 1000 });
    two.options.onExit({ code: 7, called: "Error: process.exit" });
    assert.equal(runtime.exits, []);
    runtime.clock.pass(1900);
    assert.equal(runtime.exits, [7]);
  },
);

ends(
  "a recording outlasts the graceful timeout, as in one thread",
  async () => {
    const { runtime, one, two, tell, link, worker } = await serve();
    const order = { type: "record", what: "heap", file: "/f", ms: 0 } as const;
    worker.receive({ ...order, id: 1, last: true });
    worker.receive({ type: "drain" });
    two.options.onExit({ code: 0 });
    runtime.clock.pass(30_000);
    assert.equal([runtime.exits, lines(link)], [[], []]);
    tell(one, { type: "recorded", id: 1 });
    await settle();
    assert.equal(runtime.exits, []);
    runtime.clock.pass(900);
    assert.equal(runtime.exits, [0]);
  },
);

ends(
  "a thread that accepts already drains where its worker boots",
  async () => {
    const { runtime, one, two, tell, worker } = await start();
    tell(one, READY);
    worker.receive({ type: "quit", unlessOpen: true });
    const told = { type: "quit", unlessOpen: true };
    assert.equal([one, two].map(({ received }) => received.at(-1)), [
      told,
      told,
    ]);
    two.options.onExit({ code: 0 });
    runtime.clock.pass(5000);
    assert.equal(runtime.exits, []);
    one.options.onExit({ code: 0 });
    assert.equal(runtime.exits, [0]);
  },
);

ends("a worker that quits does not wait for what is blocked", async () => {
  const { runtime, one, tell, worker } = await start();
  tell(one, READY);
  worker.receive({ type: "quit", unlessOpen: true });
  runtime.clock.pass(10_899);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1);
  assert.equal(runtime.exits, [0]);
});

ends("threads are told how they are to drain", async () => {
  const plain = await serve();
  plain.worker.receive({ type: "drain" });
  assert.equal(plain.one.received.at(-1), { type: "drain", withinMs: 10_000 });
  const last = await serve();
  const order = { type: "drain", withinMs: 2000, last: true, cut: true };
  last.worker.receive(order);
  assert.equal([last.one, last.two].map(({ received }) => received.at(-1)), [
    order,
    order,
  ]);
});

const HOOKS = { url: "file:///srv/corn.config.ts", limitMs: 0 };

ends("ABRT lets each thread do what it does then", async () => {
  const { runtime, one, two, tell, link, worker } = await serve({
    plan: { hooks: HOOKS },
  });
  runtime.signal("SIGABRT");
  assert.equal([one, two].map(({ signals }) => signals), [
    ["SIGABRT"],
    ["SIGABRT"],
  ]);
  tell(one, { type: "closed" });
  two.options.onExit({ code: 0 });
  assert.equal(link.of("closed"), [{ type: "closed" }]);
  assert.equal(lines(link), [], "it was told to");
  runtime.clock.pass(799);
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1);
  assert.equal(runtime.exits, [1]);
  worker.receive({ type: "quit" });
  assert.equal(runtime.exits, [1]);
});

ends("ABRT gives the code of a thread that has failed before", async () => {
  const { runtime, two, link } = await serve({ plan: { hooks: HOOKS } });
  runtime.signal("SIGABRT");
  two.options.onExit({ code: 7, error: new Error("in a hook") });
  assert.match(
    lines(link)[0]?.text ?? "",
    /^Thread 2 ended by an uncaught error\nError: in a hook\n/,
  );
  runtime.clock.pass(800);
  assert.equal(runtime.exits, [7]);
});

ends("without hooks ABRT is the system's", async () => {
  const { runtime, one } = await serve();
  runtime.signal("SIGABRT");
  assert.equal([one.signals, runtime.exits], [[], []]);
});

ends("a drain waits for no thread that is silent for too long", async () => {
  const { runtime, one, two, tell, link, worker } = await serve();
  tell(one, beat(true, { requests: 1, open: 1 }));
  worker.receive({ type: "drain", withinMs: 60_000 });
  tell(two, { type: "closed" });
  for (let ms = 0; ms < 6000; ms += 250) {
    runtime.clock.pass(250);
    tell(two, beat(false));
  }
  assert.equal(link.of("closed"), [{ type: "closed" }]);
  const [line] = lines(link).filter(({ level }) => level === "error");
  assert.match(line?.text ?? "", /^Thread 1 .* is blocked for 5\.\d s$/);
  assert.equal(runtime.exits, [], "the other one drains");
  two.options.onExit({ code: 0 });
  assert.equal(runtime.exits, [0]);
});

ends("a drain ends with the last thread that is not blocked", async () => {
  const { runtime, one, two, tell, link, worker } = await serve();
  tell(one, beat(true, { requests: 1, open: 1 }));
  worker.receive({ type: "drain", withinMs: 60_000 });
  two.options.onExit({ code: 0 });
  runtime.clock.pass(4999);
  assert.equal([runtime.exits, link.of("closed")], [[], []]);
  runtime.clock.pass(251);
  assert.equal(runtime.exits, [0]);
  assert.equal(link.of("closed"), [{ type: "closed" }]);
});

ends("a drain of threads that have all ended is over at once", async () => {
  const { runtime, one, two, tell, link, worker } = await serve();
  for (const thread of [one, two]) {
    thread.options.onExit({ code: 1, error: new Error("boom") });
  }
  assert.equal(runtime.exits, [], "the arbiter is to say so");
  worker.receive({ type: "drain" });
  assert.equal(runtime.exits, [0]);
  const { length } = lines(link);
  tell(one, { type: "closed" });
  one.options.onExit({ code: 1, error: new Error("late") });
  assert.is(lines(link).length, length);
});

ends("what was measured last is told before the end", async () => {
  const { one, two, tell, link, worker } = await serve();
  worker.receive({ type: "drain" });
  tell(one, { ...FIGURES, requests: 3 }, { type: "closed" });
  tell(two, { type: "closed" });
  tell(one, { type: "closed" });
  assert.is(link.of("closed").length, 1, "once");
  assert.equal(link.of("figures"), []);
  for (const thread of [one, two]) thread.options.onExit({ code: 0 });
  const [told] = link.of<FiguresMessage>("figures");
  assert.equal([told?.requests, told?.open], [3, 0]);
});

ends("a thread that is started while the worker quits is told", async () => {
  const runtime = new FakeRuntime();
  const worker = new Threads(
    bootOf(
      {
        plan: { workerClass: { name: "thread", threads: 3 } },
      } as Parameters<typeof bootOf>[0],
    ),
    createHost(runtime, new FakeLink()),
    "file:///corn/thread.ts",
  );
  const begun = worker.begin();
  await Promise.resolve();
  await Promise.resolve();
  worker.receive({ type: "quit" });
  await begun;
  assert.ok(runtime.threads.length < 3);
  for (const { received } of runtime.threads) {
    assert.equal(received.at(-1), { type: "quit" });
  }
});

ends.run();
