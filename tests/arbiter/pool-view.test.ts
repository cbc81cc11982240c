import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { FlightRecorder } from "../../src/exchange/flight-record.ts";
import { WATCH_BYTES, WATCH_TEXT_AT } from "../../src/exchange/watch-record.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import type { Blocked } from "../../src/arbiter/pool-view.ts";
import { settle } from "../support/fake/runtime.ts";
import type { FakeChild } from "../support/fake/runtime.ts";
import { build, prepare, serve, start } from "./site.ts";
import type { Site } from "./site.ts";

const view = suite("PoolView");

/** A pool whose workers have flight records. */
async function begin(options: CornConfig = {}) {
  const site = await serve({ workers: 1, ...options });
  const { runtime } = site;
  const recorders = runtime.children.map(({ pid = 0 }) => {
    const recorder = new FlightRecorder();
    runtime.records.set(pid, recorder);
    return recorder;
  });
  const pass = async (ms: number) => {
    await settle();
    runtime.clock.pass(ms);
    await settle();
  };
  return { ...site, recorders, pass };
}

/** What comes of a question. */
function ask<Answer>(promise: Promise<Answer>): { now: Answer | "pending" } {
  const outcome: { now: Answer | "pending" } = { now: "pending" };
  promise.then((answer) => void (outcome.now = answer));
  return outcome;
}

/** Answers the last question that a worker was asked. */
function answer(child: FakeChild, said: object): void {
  const { id } = child.messages.findLast(({ type }) =>
    type === "list"
  ) as unknown as { id: number };
  child.say({ type: "requests", id, requests: [], ...said });
}

const asked = (child: FakeChild) =>
  child.told().filter((type) => type === "list").length;

view("a worker counts as blocked once a beat of it is long due", async () => {
  const { runtime: { clock, children: [child] }, arbiter } = await begin();
  child!.beat({ busy: true });
  clock.pass(599);
  assert.is(arbiter.view.blockedMs(1), 0);
  clock.pass(1);
  assert.is(arbiter.view.blockedMs(1), 600);
  child!.beat();
  clock.pass(1999);
  assert.is(arbiter.view.blockedMs(1), 0);
  clock.pass(1);
  assert.is(arbiter.view.blockedMs(1), 2000);
  assert.is(arbiter.view.blockedMs(2), 0, "there is none");
});

view("stackOf() names what blocks a worker", async () => {
  const { runtime, arbiter, recorders, pass } = await begin({ workers: 2 });
  const [child, other] = runtime.children as [FakeChild, FakeChild];
  child.beat({ busy: true, open: 1 });
  recorders[0]!.begin({ method: "GET", url: "/spin" });
  await pass(700);
  const outcome = ask(arbiter.view.stackOf(1));
  for (let looks = 0; looks < 2; looks++) await pass(50);
  const text = "Worker 1 (pid 1001) is blocked for 0.7 s by GET /spin";
  assert.equal(outcome.now, {
    ms: 700,
    text: `${text}; its stack is not known`,
    by: { method: "GET", path: "/spin", ms: 0 },
    frames: [],
  });
  assert.is(asked(child), 0, "it cannot answer");
  // The next one tells more.
  assert.ok(child.told().includes("watch") && other.told().includes("watch"));
});

/** What a worker that watches itself writes into its memory. */
function watchRecord(look: object): Uint8Array {
  const bytes = new Uint8Array(WATCH_BYTES);
  const text = new TextEncoder().encode(JSON.stringify(look));
  new DataView(bytes.buffer).setInt32(16, text.length, true);
  bytes.set(text, WATCH_TEXT_AT);
  return bytes;
}

view("stackOf() tells where a worker stands that watches itself", async () => {
  const { runtime, arbiter, recorders, pass } = await begin();
  const [recorder] = recorders as [FlightRecorder];
  const frames = ["spin (a.ts:1)"];
  const by = { method: "GET", path: "/seen", ms: 5 };
  let begun = 1;
  runtime.findInMemory = () =>
    Promise.resolve({
      read: (size) =>
        size === WATCH_BYTES
          ? watchRecord({ begun, by, frames })
          : recorder.copy(),
    });
  runtime.child(1).say({ type: "watching" });
  recorder.begin({ method: "GET", url: "/spin" });
  await pass(2000);
  const outcome = ask(arbiter.view.stackOf(1));
  for (let looks = 0; looks < 3; looks++) await pass(50);
  const told = outcome.now as Blocked;
  const text = "Worker 1 (pid 1001) is blocked for 2.0 s by GET /spin";
  assert.is(told.text, `${text}: spin (a.ts:1)`);
  assert.equal(told.frames, frames);
  // What it saw of another request is not where it stands now.
  begun = 7;
  const other = ask(arbiter.view.stackOf(1));
  for (let looks = 0; looks < 3; looks++) await pass(50);
  assert.match((other.now as Blocked).text, "its stack is not known");
  // What it has in hand may not be known but for that.
  recorder.leave();
  begun = 1;
  const seen = ask(arbiter.view.stackOf(1));
  for (let looks = 0; looks < 3; looks++) await pass(50);
  assert.match(
    (seen.now as Blocked).text,
    "by GET /seen: spin (a.ts:1)",
  );
});

view(
  "what is open in a worker that is silent is told, the oldest few",
  async () => {
    const { runtime, arbiter, recorders, pass } = await begin();
    const [recorder] = recorders as [FlightRecorder];
    for (const at of [400, 300, 200, 100]) {
      recorder.defer(recorder.begin({ method: "GET", url: `/${at}` }), at);
    }
    recorder.leave();
    recorder.beat(500);
    runtime.child(1).beat({ busy: true });
    assert.equal(arbiter.view.openIn(1, 600), [], "it was not looked for");
    await pass(700);
    assert.equal(arbiter.view.openIn(1, 600), [
      { method: "GET", path: "/100", ms: 1000 },
      { method: "GET", path: "/200", ms: 900 },
      { method: "GET", path: "/300", ms: 800 },
    ]);
  },
);

view("what waits is told of what is served", async () => {
  const { runtime, arbiter } = await begin({ workers: 2 });
  runtime.waiting = [3, 4];
  const queues = [{ queue: 1, waiting: 3 }, { queue: 2, waiting: 4 }];
  const address = "127.0.0.1:8000";
  assert.equal(
    arbiter.view.queues(),
    queues.map((one) => ({ address, ...one })),
  );
  assert.equal(arbiter.view.listeners(), [
    { address: `http://${address}`, queues },
  ]);
  assert.is(arbiter.view.backlog(), 7);
  assert.equal([arbiter.view.certificates(), arbiter.view.tasks()], [[], []]);
});

view("a worker that waits to be started has done nothing", async () => {
  const { arbiter } = await start({
    workers: 1,
    preFork: () => new Promise(() => {}),
  });
  assert.equal(arbiter.view.workers(), [{
    ...{ slot: 1, pid: undefined, generation: 1, phase: "booting" },
    ...{ requests: 0, open: 0 },
  }]);
  assert.is(arbiter.view.size, 1);
});

view("before the start there is nobody to see", async () => {
  const { arbiter } = await prepare();
  const { state, size, generation } = arbiter.view;
  assert.equal([state, size, generation], [undefined, undefined, 1]);
  assert.equal(arbiter.view.workers(), []);
  assert.is(arbiter.view.slotOf(1001), undefined);
});

view("stackOf() names a runtime that tells no stack", async () => {
  for (
    const [blockStack, end] of [
      ["auto", "; its stack is not known on Bun"],
      ["off", "; its stack is not known"],
    ] as const
  ) {
    const { runtime, arbiter } = await build({
      ...{ workers: 1, runtime: "bun", blockStack },
    });
    runtime.files.texts.set("/bin/bun", "");
    await arbiter.prepare();
    arbiter.start();
    runtime.child(1).boot();
    runtime.clock.pass(2000);
    const outcome = ask(arbiter.view.stackOf(1));
    await settle();
    assert.match((outcome.now as Blocked).text, new RegExp(`${end}$`));
    assert.is(arbiter.view.workerRuntime(), "bun");
  }
});

view("stackOf() tells of threads, where the process turns", async () => {
  const { runtime, arbiter } = await begin();
  const [child] = runtime.children as [FakeChild];
  const by = { method: "GET", path: "/spin", ms: 900 };
  for (
    const [blocked, expected] of [
      [[], undefined],
      [
        [{ thread: 2, ms: 900, by, frames: ["spin (a.ts:1)"] }, {
          ...{ thread: 3, ms: 700 },
        }],
        {
          ...{ thread: 2, ms: 900, by, frames: ["spin (a.ts:1)"] },
          text:
            "Worker 1 (pid 1001): thread 2 is blocked for 0.9 s by GET /spin: spin (a.ts:1), thread 3 is blocked for 0.7 s",
        },
      ],
      [
        [{ thread: 3, ms: 700 }],
        {
          ...{ thread: 3, ms: 700, by: undefined, frames: [] },
          text:
            "Worker 1 (pid 1001): thread 3 is blocked for 0.7 s; its stack is not known",
        },
      ],
    ] as const
  ) {
    const outcome = ask(arbiter.view.stackOf(1));
    await settle();
    answer(child, { blocked });
    await settle();
    assert.equal(outcome.now, expected);
  }
});

view("stackOf() waits until one that rests counts as blocked", async () => {
  const { runtime, arbiter, recorders, pass } = await begin();
  const [child] = runtime.children as [FakeChild];
  child.beat();
  recorders[0]!.begin({ method: "GET", url: "/spin" });
  const outcome = ask(arbiter.view.stackOf(1));
  for (let waits = 0; waits < 6; waits++) await pass(300);
  assert.is(outcome.now, "pending");
  await pass(300);
  await pass(50);
  assert.is((outcome.now as Blocked).ms, 2100);
});

view("stackOf() ends for one that beats and answers nothing", async () => {
  const { runtime, arbiter, pass } = await begin();
  const [child] = runtime.children as [FakeChild];
  const outcome = ask(arbiter.view.stackOf(1));
  const question = child.messages.at(-1) as { query?: boolean };
  assert.is(question.query, false, "its queries are nobody's business");
  for (let waits = 0; waits < 8; waits++) {
    assert.is(outcome.now, "pending");
    await pass(300);
    child.beat();
  }
  await settle();
  assert.is(outcome.now, undefined);
  assert.is(asked(child), 8);
});

view("stackOf() knows nothing of a worker that is gone", async () => {
  const { arbiter, runtime, pass } = await begin();
  const none = ask(arbiter.view.stackOf(7));
  await settle();
  assert.is(none.now, undefined);
  const outcome = ask(arbiter.view.stackOf(1));
  await settle();
  runtime.child(1).exit({ code: 0 });
  await pass(0);
  assert.is(outcome.now, undefined);
});

view("slotOf() finds a worker by its process", async () => {
  const { arbiter } = await begin({ workers: 3 });
  assert.equal([1003, 1001, 9].map((pid) => arbiter.view.slotOf(pid)), [
    3,
    1,
    undefined,
  ]);
});

/** Two workers that serve: one with two requests, one that is blocked since a while. */
async function open(query: boolean, site: Site, blockedMs: number) {
  const { runtime, arbiter } = site;
  const outcome = ask(arbiter.view.openRequests(query));
  await settle();
  answer(runtime.child(1), {
    requests: [
      { method: "GET", path: "/new", ms: 5, client: "192.0.2.7" },
      { method: "GET", path: "/old", ms: 9000, running: true },
    ],
  });
  runtime.clock.pass(blockedMs);
  await settle();
  return outcome.now;
}

view("openRequests() tells of all workers, the oldest first", async () => {
  const site = await begin({ workers: 2 });
  const { runtime, recorders } = site;
  const [, recorder] = recorders as [unknown, FlightRecorder];
  recorder.defer(recorder.begin({ method: "GET", url: "/waits" }), 0);
  recorder.leave();
  runtime.clock.pass(400);
  runtime.child(1).beat();
  runtime.child(2).beat();
  recorder.beat(400);
  recorder.begin({ method: "GET", url: "/runs" });
  runtime.clock.pass(100);
  assert.equal(await open(true, site, 300), [
    { ...{ age: 1, method: "GET", path: "/old", ms: 9000 }, state: "running" },
    { ...{ age: 2, method: "GET", path: "/waits", ms: 800 }, state: "waiting" },
    { ...{ age: 2, method: "GET", path: "/runs", ms: 400 }, state: "running" },
    {
      ...{ age: 1, method: "GET", path: "/new", ms: 5, client: "192.0.2.7" },
      state: "waiting",
    },
  ]);
  assert.is(
    (runtime.child(1).messages.at(-1) as { query?: boolean }).query,
    true,
  );
});

view("openRequests() asks those that drain, and none that boots", async () => {
  const { runtime, arbiter } = await begin({ workers: 2 });
  arbiter.resize(-1);
  arbiter.resize(1);
  const booting = runtime.child(3);
  booting.say({ type: "hello", runtime: "node", version: "24.0.0" });
  void arbiter.view.openRequests(false);
  assert.equal([1, 2, 3].map((age) => asked(runtime.child(age))), [1, 1, 0]);
  assert.is(
    (runtime.child(1).messages.at(-1) as { query?: boolean }).query,
    false,
  );
});

view("openRequests() waits for no worker that ends meanwhile", async () => {
  const { runtime, arbiter } = await begin({ workers: 2 });
  const outcome = ask(arbiter.view.openRequests(false));
  runtime.child(2).exit({ code: 0 });
  answer(runtime.child(1), {});
  await settle();
  assert.equal(outcome.now, []);
  // What comes late, or of another, is not heeded.
  const next = ask(arbiter.view.openRequests(false));
  runtime.child(1).say({ type: "requests", id: 1, requests: [] });
  await settle();
  assert.is(next.now, "pending");
});

view(
  "openRequests() tells nothing of a worker whose memory is closed",
  async () => {
    const { runtime, arbiter } = await begin();
    runtime.records.clear();
    const silent = ask(arbiter.view.openRequests(false));
    runtime.clock.pass(300);
    await settle();
    assert.equal(silent.now, []);
  },
);

view.run();
