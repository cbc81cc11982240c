import { Threads } from "../../../src/worker/threads/threads.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { FakeLink, FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { bootOf } from "../boot.ts";
import { FlightRecorder } from "../../../src/exchange/flight-record.ts";
import type {
  FailedMessage,
  RecycleMessage,
} from "../../../src/protocol/messages.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { beat, lines, READY, serve, start } from "./two-threads.ts";

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
  const { runtime, one, two, tell, link, worker } = await serve();
  tell(one, beat(true, { open: 1 }));
  worker.receive({ type: "drain" });
  two.options.onExit({ code: 0 });
  assert.equal(runtime.exits, []);
  runtime.clock.pass(10_900);
  assert.equal(runtime.exits, [0]);
  assert.match(
    lines(link).at(-1)?.text ?? "",
    /^Cut thread 1, blocked.*: the graceful timeout of 10 s is over$/,
  );
});

ends("a quit that is over keeps the code of a thread", async () => {
  const { runtime, two, worker } = await serve();
  worker.quit();
  two.options.onExit({ code: 7, called: "Error: process.exit" });
  assert.equal(runtime.exits, []);
  runtime.clock.pass(1800);
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
