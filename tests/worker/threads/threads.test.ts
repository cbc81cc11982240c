import { FlightRecorder } from "../../../src/exchange/flight-record.ts";
import type {
  BeatMessage,
  FailedMessage,
  FiguresMessage,
  RecordedMessage,
  RecycleMessage,
  RequestsMessage,
} from "../../../src/protocol/messages.ts";
import { readWorkerMessage } from "../../../src/protocol/message-checks.ts";
import type { TlsMaterial } from "../../../src/runtime/runtime.ts";
import { Threads } from "../../../src/worker/threads/threads.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import * as assert from "../../support/assert.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";
import type { FakeThread } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";
import { bootOf } from "../boot.ts";
import { beat, FIGURES, lines, READY, serve, start } from "./two-threads.ts";

const threads = suite("threads of a worker");

threads(
  "each thread gets its descriptors, its number and its share",
  async () => {
    const { one, two, runtime } = await start({
      listeners: [{ address: READY.addresses[0], descriptors: [4, 5, 6, 7] }],
      tells: true,
      plan: {
        limits: { workerConnections: 5, maxQueue: 7 },
        sockets: { most: 9 },
        recycle: {
          ...{ maxRequests: 10, maxLifetimeMs: 10 },
          ...{ maxMemory: 10, maxMemoryHard: 10 },
        },
        process: { umask: 0o27 },
      },
    });
    const boots = [one, two].map(({ received }) =>
      received[0] as ReturnType<typeof bootOf>
    );
    assert.equal(
      boots.map(({ listeners }) => listeners[0]?.descriptors),
      [[4, 5], [6, 7]],
    );
    assert.equal(boots.map(({ thread }) => thread), [1, 2]);
    assert.equal(boots.map(({ tells }) => tells), [true, false]);
    for (const { plan } of boots) {
      const { workerConnections, maxQueue } = plan.limits;
      assert.equal([workerConnections, maxQueue, plan.sockets.most], [3, 4, 5]);
      assert.equal(plan.recycle, {
        ...{ maxRequests: 0, maxLifetimeMs: 0 },
        ...{ maxMemory: 0, maxMemoryHard: 0 },
      });
      assert.equal(plan.process, {}, "the process has done that");
    }
    assert.is(runtime.mask, 0o27);
    assert.is(one.options.env.CORN_THREAD_ID, "1");
    assert.is(two.options.env.CORN_THREAD_ID, "2");
  },
);

threads("a queue without an end has none in a thread either", async () => {
  const { one } = await start({
    plan: { limits: { maxQueue: Number.MAX_SAFE_INTEGER } },
  });
  const { plan } = one.received[0] as ReturnType<typeof bootOf>;
  assert.is(plan.limits.maxQueue, Number.MAX_SAFE_INTEGER);
});

threads(
  "the worker is ready when its last thread is, and closed alike",
  async () => {
    const { one, two, tell, link, worker } = await start();
    tell(one, READY);
    assert.equal(link.of("ready"), []);
    tell(two, READY);
    assert.equal(link.of("ready"), [READY]);
    worker.receive({ type: "drain" });
    tell(two, { type: "closed" });
    assert.equal(link.of("closed"), []);
    tell(one, { type: "closed" });
    assert.is(link.of("closed").length, 1);
  },
);

threads("what a thread says counts in its turn alone", async () => {
  const { one, two, tell, link } = await start();
  tell(one, { type: "hello", runtime: "node", version: "24.0.0" });
  assert.is(one.received.length, 1, "it is booted once");
  tell(one, READY);
  tell(one, { ...READY, engine: "another" });
  tell(two, READY);
  assert.equal(link.of("ready"), [READY]);
});

threads(
  "certificates that come while threads start are all threads'",
  async () => {
    const runtime = new FakeRuntime();
    const material = (cert: string): TlsMaterial => ({
      ...{ cert, key: "", names: [] },
      clientCertificates: "none",
      minVersion: "1.2",
    });
    const worker = new Threads(
      bootOf({
        plan: { workerClass: { name: "thread", threads: 2 } },
        tls: material("old"),
      }),
      createHost(runtime, new FakeLink()),
      "file:///corn/thread.ts",
    );
    const begun = worker.begin();
    worker.receive({ type: "tls", id: 1, material: material("new") });
    await begun;
    for (const { options, received } of runtime.threads) {
      options.onMessage({ type: "hello", runtime: "node", version: "24.0.0" });
      const { tls } = received.at(-1) as ReturnType<typeof bootOf>;
      assert.is(tls?.cert, "new");
    }
    assert.is(runtime.threads.length, 2);
  },
);

threads(
  "the worker has other certificates once each of its threads has, or is gone",
  async () => {
    const { worker, one, two, tell, link } = await serve();
    const material: TlsMaterial = {
      ...{ cert: "", key: "", names: [] },
      clientCertificates: "none",
      minVersion: "1.2",
    };
    worker.receive({ type: "tls", id: 7, material });
    assert.equal([one, two].map(({ received }) => received.at(-1)), [
      { type: "tls", id: 7, material },
      { type: "tls", id: 7, material },
    ]);
    tell(one, { type: "rekeyed", id: 7 });
    assert.equal(link.of("rekeyed"), []);
    tell(two, { type: "rekeyed", id: 7 });
    assert.equal(link.of("rekeyed"), [{ type: "rekeyed", id: 7 }]);
    worker.receive({ type: "tls", id: 8, material });
    tell(two, { type: "rekeyed", id: 8 });
    one.options.onExit({ code: 1 });
    assert.equal(link.of("rekeyed"), [
      { type: "rekeyed", id: 7 },
      { type: "rekeyed", id: 8 },
    ]);
    two.options.onExit({ code: 1 });
    worker.receive({ type: "tls", id: 9, material });
    assert.equal(link.of("rekeyed").at(-1), { type: "rekeyed", id: 9 });
  },
);

threads("a thread that has not beaten yet has nothing in hand", async () => {
  const { one, tell, link } = await serve();
  tell(one, beat(false));
  const busy = link.of<BeatMessage>("beat").filter(({ busy }) => busy);
  assert.equal(busy, []);
});

threads("beats have what all threads have in hand", async () => {
  const { runtime, one, two, tell, link } = await serve();
  tell(one, beat(true, { requests: 3, open: 2 }));
  tell(two, beat(true, { requests: 5, open: 1 }));
  runtime.clock.pass(1000);
  const last = link.of<BeatMessage>("beat").at(-1);
  assert.is(last?.requests, 8);
  assert.is(last?.open, 3);
});

threads("max-requests are those of all threads", async () => {
  const { one, two, tell, link } = await serve({
    plan: { recycle: { maxRequests: 8 } },
  });
  tell(one, beat(true, { requests: 4 }));
  assert.equal(link.of("recycle"), []);
  tell(two, beat(true, { requests: 4 }));
  tell(two, beat(true, { requests: 5 }));
  const [asked, ...more] = link.of<RecycleMessage>("recycle");
  assert.is(asked?.kind, "max_requests");
  assert.is(asked?.reason, "8 requests");
  assert.equal(more, []);
});

threads(
  "a thread that comes back is told of with what blocked it",
  async () => {
    const { runtime, one, two, tell, link } = await serve();
    const recorder = new FlightRecorder(one.options.record);
    recorder.begin({ method: "GET", url: "/slow" });
    tell(one, beat(true, { requests: 1, open: 1 }));
    for (let ms = 0; ms < 2000; ms += 250) {
      runtime.clock.pass(250);
      tell(two, beat(false));
    }
    tell(one, beat(true, { blockedMs: 2000 }));
    assert.equal(lines(link).map(({ text }) => text), [
      "Thread 1 was blocked for 2.0 s by GET /slow",
    ]);
    assert.equal(link.of("recycle"), []);
  },
);

threads(
  "threads that stood still with their process are neither blocked nor stuck",
  async () => {
    const { runtime, one, two, tell, link } = await serve();
    tell(one, beat(true, { requests: 1, open: 1 }));
    runtime.clock.pass(100);
    runtime.clock.block(8000);
    // Looks that are due now find them silent.
    runtime.clock.pass(600);
    tell(one, beat(true, { requests: 1, open: 1, blockedMs: 7900 }));
    tell(two, beat(false, { blockedMs: 7100 }));
    assert.equal(lines(link), []);
    assert.equal(link.of("recycle"), []);
    runtime.clock.pass(1250);
    tell(one, beat(false, { requests: 1, blockedMs: 1000 }));
    assert.equal(lines(link).map(({ text }) => text), [
      "Thread 1 was blocked for 1.0 s",
    ]);
  },
);

threads(
  "a thread that can be stopped tells where it stands, in figures too",
  async () => {
    const { runtime, one, two, tell, link, worker } = await serve({
      plan: { life: { blockStack: "auto" } },
    });
    const recorder = new FlightRecorder(one.options.record);
    recorder.begin({ method: "GET", url: "/slow" });
    one.stand = JSON.stringify({
      ...{ begun: 1, frames: ["render (app.ts:3)", "fetch (app.ts:9)"] },
    });
    tell(one, beat(true, { requests: 1, open: 1 }));
    for (let ms = 0; ms < 2000; ms += 250) {
      runtime.clock.pass(250);
      await Promise.resolve();
      tell(two, beat(false));
    }
    worker.receive({ type: "figure", everyMs: 1000, seen: true });
    tell(two, FIGURES);
    runtime.clock.pass(50);
    const [figures] = link.of<FiguresMessage>("figures");
    assert.is(figures?.lagMs, 2050);
    assert.equal(figures?.seen?.threads, [
      {
        ...{ thread: 1, state: "blocked", requests: 1, open: 1 },
        lagMs: 2050,
      },
      { thread: 2, state: "turning", requests: 0, open: 0, lagMs: 0 },
    ]);
    assert.equal(figures?.seen?.oldest, [
      { method: "GET", path: "/slow", ms: 2050, thread: 1 },
    ]);
    worker.receive({ type: "list", id: 3, query: false });
    tell(two, { type: "requests", id: 3, requests: [] });
    runtime.clock.pass(200);
    const [answer] = link.of<RequestsMessage>("requests");
    assert.equal(answer?.blocked?.map(({ frames }) => frames), [
      ["render (app.ts:3)", "fetch (app.ts:9)"],
    ]);
    tell(one, beat(true, { blockedMs: 2000 }));
    assert.equal(lines(link).map(({ text }) => text), [
      "Thread 1 was blocked for 2.0 s by GET /slow: render (app.ts:3) < fetch (app.ts:9)",
    ]);
  },
);

threads("a thread that never gets ready is named", async () => {
  const { runtime, one, tell, link } = await start({
    plan: { life: { listenMs: 27_000 } },
  });
  tell(one, READY);
  runtime.clock.pass(27_000);
  assert.equal(lines(link).map(({ text }) => text), [
    "Thread 2 of worker 1 (pid 100) has not loaded the app in 27.0 s",
  ]);
});

threads("the time that threads take to start counts", async () => {
  const { runtime, link } = await start({
    plan: { life: { listenMs: 27_000 } },
  }, 2000);
  runtime.clock.pass(22_999);
  assert.equal(lines(link), []);
  runtime.clock.pass(1);
  assert.equal(lines(link).map(({ text }) => text.slice(0, 8)), [
    "Thread 1",
    "Thread 2",
  ]);
});

threads("figures are sums, and told once for all", async () => {
  const { runtime, one, two, tell, link } = await serve();
  runtime.usage = { cpuMs: 300, busyMs: undefined, rss: 1000, heapUsed: 1 };
  const ended = [{ method: "GET", status: 200, sumMs: 1, counts: [1] }];
  tell(one, {
    ...FIGURES,
    ...{ requests: 3, open: 1, cpuMs: 300, heapUsed: 10, lagMs: 5, ended },
    ...{ busyMs: 100, refused: [["queue", 503, 1]] },
    sockets: { open: 2, opened: 3, closed: { 1000: 1 } },
  });
  tell(two, {
    ...FIGURES,
    ...{ requests: 4, open: 2, cpuMs: 300, heapUsed: 20, lagMs: 9, ended },
    ...{ busyMs: 300 },
    sockets: { open: 1, opened: 1, closed: { 1000: 2 } },
  });
  runtime.clock.pass(100);
  const [all, ...more] = link.of<FiguresMessage>("figures");
  assert.equal(more, []);
  assert.equal(all, {
    ...FIGURES,
    ...{ requests: 7, open: 3, cpuMs: 300, rss: 1000, heapUsed: 30, lagMs: 9 },
    busyMs: 200,
    ended: [...ended, ...ended],
    refused: [["queue", 503, 1]],
    sockets: { open: 3, opened: 4, closed: { 1000: 3 } },
  });
  tell(two, { ...FIGURES, requests: 5, cpuMs: 10 });
  runtime.clock.pass(100);
  const last = link.of<FiguresMessage>("figures").at(-1);
  assert.equal([last?.requests, last?.open, last?.cpuMs], [8, 1, 0]);
});

threads("durations of threads are those of one worker", async () => {
  const { runtime, one, two, tell, link, worker } = await serve();
  worker.receive({ type: "figure", everyMs: 1000, seen: true });
  const seen = {
    ...{ failed: 1, oldest: [] },
    durations: Array.from({ length: 200 }, (_, at) => [at, 1] as const),
  };
  for (const thread of [one, two]) tell(thread, { ...FIGURES, seen });
  runtime.clock.pass(50);
  const [told] = link.of<FiguresMessage>("figures");
  assert.is(told?.seen?.failed, 2);
  assert.equal(
    told?.seen?.durations,
    seen.durations.map(([bucket]) => [bucket, 2]),
  );
  assert.ok(readWorkerMessage(told), "the arbiter takes it");
});

threads(
  "figures of threads that are all blocked are told for them",
  async () => {
    const { runtime, one, two, tell, link, worker } = await serve();
    worker.receive({ type: "figure", everyMs: 1000, seen: true });
    for (const thread of [one, two]) {
      new FlightRecorder(thread.options.record)
        .begin({ method: "GET", url: "/hang" });
      tell(thread, beat(true, { open: 1 }), { ...FIGURES, open: 1 });
    }
    runtime.clock.pass(50);
    link.sent.length = 0;
    runtime.clock.pass(3000);
    const told = link.of<FiguresMessage>("figures");
    assert.is(told.length, 2, "one that is silent for less is none");
    const last = told.at(-1);
    assert.is(last?.open, 2);
    assert.ok((last?.lagMs ?? 0) > 2000);
    assert.equal(last?.seen?.threads?.map(({ state }) => state), [
      "blocked",
      "blocked",
    ]);
    worker.receive({ type: "figure", everyMs: 0 });
    link.sent.length = 0;
    runtime.clock.pass(3000);
    assert.equal(link.of("figures"), []);
  },
);

threads("the app's metrics add up, and states keep their threads", async () => {
  const { one, two, tell, link, worker } = await serve();
  const text = (count: number, state: number) =>
    `# TYPE jobs counter\njobs_total ${count}\n# TYPE depth gauge\ndepth ${state}\n`;
  tell(one, { type: "metrics", id: 0, text: text(1, 10) });
  tell(two, { type: "metrics", id: 0, text: text(2, 20) });
  worker.receive({ type: "collect", id: 7 });
  tell(one, { type: "metrics", id: 7, text: text(3, 11) });
  const answers = () =>
    link.of<{ type: string; id: number; text: string }>("metrics")
      .filter(({ id }) => id === 7);
  assert.equal(answers(), []);
  tell(two, { type: "metrics", id: 7, text: text(4, 21) });
  const [answer] = answers();
  assert.match(answer?.text ?? "", /^jobs_total 7$/m);
  assert.match(answer?.text ?? "", /^depth\{thread="1"\} 11$/m);
  assert.match(answer?.text ?? "", /^depth\{thread="2"\} 21$/m);
});

threads("a scrape does not wait for a thread that has ended", async () => {
  const { one, two, tell, link, worker } = await serve();
  const text = (count: number) =>
    `# TYPE jobs counter\njobs_total ${count}\n# TYPE depth gauge\ndepth 1\n`;
  tell(one, { type: "metrics", id: 0, text: text(1) });
  tell(two, { type: "metrics", id: 0, text: text(2) });
  const totals = () =>
    link.of<{ type: string; id: number; text: string }>("metrics")
      .filter(({ id }) => id > 0)
      .map(({ text }) => /^jobs_total (\d+)$/m.exec(text)?.[1]);
  worker.receive({ type: "collect", id: 7 });
  tell(one, { type: "metrics", id: 7, text: text(3) });
  assert.equal(totals(), []);
  two.options.onExit({ code: 1 });
  assert.equal(totals(), ["5"], "it ends while it is waited for");
  worker.receive({ type: "collect", id: 8 });
  tell(one, { type: "metrics", id: 8, text: text(4) });
  assert.equal(totals(), ["5", "6"], "it has ended before");
  const { text: last = "" } =
    link.of<{ type: string; text: string }>("metrics").at(-1) ?? {};
  assert.match(last, 'depth{thread="1"} 1');
  assert.not(last.includes('thread="2"'), "its states are gone with it");
});

threads("a second scrape has the whole of its time", async () => {
  const { one, tell, link, worker, runtime } = await serve();
  const text = "# TYPE jobs counter\njobs_total 1\n";
  tell(one, { type: "metrics", id: 0, text });
  const told = () =>
    link.of<{ type: string; id: number }>("metrics").map(({ id }) => id)
      .filter((id) => id > 0);
  worker.receive({ type: "collect", id: 1 });
  runtime.clock.pass(200);
  worker.receive({ type: "collect", id: 2 });
  runtime.clock.pass(299);
  assert.equal(told(), []);
  runtime.clock.pass(1);
  assert.equal(told(), [2]);
  tell(one, { type: "metrics", id: 2, text });
  assert.equal(told(), [2], "it comes too late");
  worker.receive({ type: "collect", id: 3 });
  tell(one, { type: "metrics", id: 3, text });
  runtime.clock.pass(200);
  worker.receive({ type: "collect", id: 4 });
  runtime.clock.pass(299);
  assert.equal(told(), [2, 3]);
  runtime.clock.pass(1);
  assert.equal(told(), [2, 3, 4]);
});

threads("metrics that are too much together are not told", async () => {
  const { one, two, tell, link, worker } = await serve();
  const text = (thread: number) =>
    Array.from(
      { length: 4000 },
      (_, at) => `state{of="${thread}-${at}-${"x".repeat(60)}"} 1`,
    ).join("\n");
  tell(one, { type: "metrics", id: 0, text: text(1) });
  tell(two, { type: "metrics", id: 0, text: text(2) });
  const told = link.of<{ type: string; text: string }>("metrics");
  assert.is(told.length, 1, "those of the first alone");
  assert.is(lines(link).length, 1);
  tell(two, { type: "metrics", id: 0, text: text(2) });
  assert.equal(
    lines(link).map(({ text }) => text.replace(/\d+ char/, "N char")),
    [
      "Cannot tell the app's metrics of all threads: it has N characters, more than the 524288 that may be told",
    ],
  );
  // A scrape has those of before, and does not wait for others.
  worker.receive({ type: "collect", id: 7 });
  for (const thread of [one, two]) {
    tell(thread, { type: "metrics", id: 7, text: text(2) });
  }
  const [, answer] = link.of<{ type: string; id: number; text: string }>(
    "metrics",
  );
  assert.is(answer?.id, 7);
  assert.is(answer?.text, told[0]?.text);
});

threads("requests are listed of a blocked thread as well", async () => {
  const { runtime, one, two, tell, link, worker } = await serve();
  new FlightRecorder(one.options.record).begin({ method: "GET", url: "/hang" });
  tell(one, beat(true, { open: 1 }));
  runtime.clock.pass(1000);
  worker.receive({ type: "list", id: 3, query: false });
  const open = { method: "GET", path: "/late", ms: 5 };
  tell(two, { type: "requests", id: 3, requests: [open] });
  runtime.clock.pass(199);
  assert.equal(link.of("requests"), []);
  runtime.clock.pass(1);
  const [answer] = link.of<RequestsMessage>("requests");
  assert.equal(
    answer?.requests.map(({ path, running }) => [path, running]),
    [["/hang", true], ["/late", undefined]],
  );
  assert.equal(
    answer?.blocked?.map(({ thread, by }) => [thread, by?.path]),
    [[1, "/hang"]],
  );
});

threads("what answers in time is not blocked", async () => {
  const { runtime, one, two, tell, link, worker } = await serve();
  tell(one, beat(true, { open: 1 }));
  runtime.clock.pass(1000);
  worker.receive({ type: "list", id: 3, query: false });
  for (const thread of [one, two]) {
    tell(thread, { type: "requests", id: 3, requests: [] });
  }
  assert.equal(link.of("requests"), [
    { type: "requests", id: 3, requests: [] },
  ]);
});

threads("shared memory is one for all threads", async () => {
  const { one, two, tell } = await serve();
  tell(one, { type: "share", id: 1, name: "a", bytes: 8 });
  tell(two, { type: "share", id: 1, name: "a", bytes: 8 });
  tell(two, { type: "share", id: 2, name: "a", bytes: 4 });
  const answers = (thread: FakeThread) =>
    thread.received.filter((said) =>
      (said as { type: string }).type === "shared"
    ) as { buffer?: SharedArrayBuffer; error?: string }[];
  const [first] = answers(one);
  const [second, third] = answers(two);
  assert.is(first?.buffer?.byteLength, 8);
  assert.is(second?.buffer, first?.buffer);
  assert.is(third?.error, 'Cannot share "a" as 4 bytes: it has 8');
});

threads(
  "a worker beyond the hard limit of memory asks to go at once",
  async () => {
    const { runtime, link } = await serve({
      plan: { recycle: { maxMemoryHard: 100 * 2 ** 20 } },
    });
    runtime.memory = 120 * 2 ** 20;
    runtime.clock.pass(1000);
    const [asked] = link.of<RecycleMessage>("recycle");
    assert.is(
      asked?.reason,
      "120 MiB of memory, more than the hard limit of 100 MiB",
    );
    assert.ok(asked?.now);
    assert.equal(link.of("log"), []);
  },
);

threads("a recording is the first thread's, or that of a number", async () => {
  const { runtime, link, worker, one, two, tell } = await serve({
    plan: { recycle: { maxMemory: 100 } },
  });
  const order = { type: "record", what: "heap", file: "/f", ms: 0 } as const;
  worker.receive({ ...order, id: 1 });
  assert.equal(one.received.at(-1), { ...order, id: 1 });
  // Meanwhile it may be silent, and memory is no limit.
  runtime.usage = { ...runtime.usage, rss: 200 };
  for (let ms = 0; ms < 60_000; ms += 250) {
    runtime.clock.pass(250);
    tell(two, beat(false));
  }
  assert.equal(link.of("recycle"), []);
  tell(two, { type: "recorded", id: 1 });
  assert.equal(link.of("recorded"), []);
  tell(one, { type: "recorded", id: 1 });
  assert.equal(link.of("recorded"), [{ type: "recorded", id: 1 }]);

  worker.receive({ ...order, id: 2, thread: 2 });
  assert.equal(two.received.at(-1), { ...order, id: 2 });
  two.options.onExit({ code: 1 });
  worker.receive({ ...order, id: 3, thread: 2 });
  worker.receive({ ...order, id: 4, thread: 3 });
  assert.equal(
    link.of<RecordedMessage>("recorded").slice(1)
      .map(({ id, error }) => [id, error]),
    [
      [2, "thread 2 has ended"],
      [3, "thread 2 has ended"],
      [4, "the worker has no thread 3: its threads are 1 to 2"],
    ],
  );
});

threads(
  "a thread that writes its memory down is not told of as blocked",
  async () => {
    const { runtime, worker, one, two, tell, link } = await serve();
    const pass = (ms: number) => {
      for (let at = 0; at < ms; at += 250) {
        runtime.clock.pass(250);
        tell(two, beat(false));
      }
    };
    worker.receive({ type: "record", id: 1, what: "heap", file: "/f", ms: 0 });
    pass(4000);
    tell(one, { type: "recorded", id: 1 });
    // Its timers come after what it wrote.
    tell(one, beat(false, { blockedMs: 3900 }));
    worker.receive({ type: "record", id: 2, what: "heap", file: "/f", ms: 0 });
    pass(4000);
    tell(one, beat(false, { blockedMs: 3900 }), { type: "recorded", id: 2 });
    assert.equal(lines(link), []);
    pass(4000);
    tell(one, beat(false, { blockedMs: 3000 }));
    assert.equal(lines(link).map(({ text }) => text), [
      "Thread 1 was blocked for 3.0 s",
    ]);
  },
);

threads("a recording waits for no thread that stays blocked", async () => {
  const { runtime, link, worker, one, two, tell } = await serve();
  const order = { type: "record", what: "heap", file: "/f", ms: 0 } as const;
  const told = () =>
    link.of<RecordedMessage>("recorded").map(({ id, error }) => [id, error]);
  tell(one, beat(true));
  runtime.clock.pass(1000);
  worker.receive({ ...order, id: 1, thread: 1 });
  // One that goes on does it, and a snapshot makes it silent.
  runtime.clock.pass(2000);
  tell(one, beat(true));
  runtime.clock.pass(4000);
  assert.equal(told(), []);
  tell(one, { type: "recorded", id: 1 });
  tell(one, beat(false));
  tell(two, beat(true));
  runtime.clock.pass(1000);
  worker.receive({ ...order, id: 2, thread: 2 });
  runtime.clock.pass(5000);
  assert.equal(told(), [
    [1, undefined],
    [2, "thread 2 is blocked for 6.0 s"],
  ]);
});

threads("a thread that has ended records nothing, and says so", async () => {
  const { link, worker, one, two } = await serve();
  const order = { type: "record", what: "heap", file: "/f", ms: 0 } as const;
  const told = () =>
    link.of<RecordedMessage>("recorded").map(({ id, error }) => [id, error]);
  worker.receive({ ...order, id: 1 });
  two.options.onExit({ code: 0 });
  assert.equal(told(), [], "another one");
  one.options.onExit({ code: 0 });
  assert.equal(told(), [[1, "thread 1 has ended"]]);
  worker.receive({ ...order, id: 2, thread: 2 });
  worker.receive({ ...order, id: 3, thread: 3 });
  assert.equal(told().slice(1), [
    [2, "thread 2 has ended"],
    [3, "the worker has no thread 3: its threads are 1 to 2"],
  ]);
});

threads("what could not be recorded is told with the reason", async () => {
  const { link, worker, one, tell } = await serve();
  const order = { type: "record", what: "heap", file: "/f", ms: 0 } as const;
  worker.receive({ ...order, id: 1 });
  tell(one, { type: "recorded", id: 7 });
  assert.equal(link.of("recorded"), [], "it is another's");
  tell(one, { type: "recorded", id: 1, error: "no room" });
  assert.equal(link.of("recorded"), [
    { type: "recorded", id: 1, error: "no room" },
  ]);
});

threads("memory is no limit until what was recorded is let go", async () => {
  const { runtime, link, worker, one, two, tell } = await serve({
    plan: { recycle: { maxMemory: 100 } },
  });
  const order = { type: "record", what: "heap", file: "/f", ms: 0 } as const;
  worker.receive({ ...order, id: 1 });
  runtime.usage = { ...runtime.usage, rss: 200 };
  runtime.memory = 200;
  tell(one, { type: "recorded", id: 1 });
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1000) {
      runtime.clock.pass(1000);
      for (const thread of [one, two]) tell(thread, beat(false));
    }
  };
  pass(9000);
  assert.equal(link.of("recycle"), []);
  pass(120_000);
  assert.is(link.of<RecycleMessage>("recycle")[0]?.kind, "memory");
});

threads("a thread may be blocked for a recording at the end", async () => {
  const { runtime, link, worker, one, tell } = await serve();
  tell(one, beat(true));
  runtime.clock.pass(1000);
  worker.receive({
    ...{ type: "record", what: "heap", file: "/f", ms: 0, id: 1 },
    last: true,
  });
  runtime.clock.pass(20_000);
  assert.equal(link.of("recorded"), []);
});

threads("requests of all threads are listed, the oldest first", async () => {
  const { runtime, one, two, tell, link, worker } = await serve();
  const open = (ms: number) => ({ method: "GET", path: `/${ms}`, ms });
  worker.receive({ type: "list", id: 3, query: true });
  assert.equal(one.received.at(-1), { type: "list", id: 3, query: true });
  tell(one, { type: "requests", id: 3, requests: [open(5), open(50)] });
  tell(one, { type: "requests", id: 3, requests: [open(9)] });
  tell(two, { type: "requests", id: 4, requests: [] });
  assert.equal(link.of("requests"), [], "each answers for itself, once");
  tell(two, { type: "requests", id: 3, requests: [open(20)] });
  const [answer, ...more] = link.of<RequestsMessage>("requests");
  assert.equal(answer?.requests.map(({ ms, thread }) => [ms, thread]), [
    ...[[50, 1], [20, 2], [5, 1]],
  ]);
  runtime.clock.pass(1000);
  assert.equal(more, []);
  assert.is(link.of("requests").length, 1);
});

threads("where every thread has ended no request is open", async () => {
  const { one, two, link, worker } = await serve();
  for (const thread of [one, two]) thread.options.onExit({ code: 1 });
  worker.receive({ type: "list", id: 3, query: false });
  assert.equal(link.of("requests"), [
    { type: "requests", id: 3, requests: [] },
  ]);
});

threads("orders that all threads carry out are passed on", async () => {
  const { one, two, worker } = await serve();
  for (
    const order of [
      { type: "open", queue: 1 },
      { type: "release", queue: 1 },
      { type: "reopen" },
      { type: "figure", everyMs: 1000, seen: true },
    ]
  ) {
    worker.receive(order);
    for (const { received } of [one, two]) {
      assert.equal(received.at(-1), order);
    }
  }
  const { length } = one.received;
  for (const order of [{ type: "watch" }, bootOf(), "no message"]) {
    worker.receive(order);
  }
  assert.is(one.received.length, length);
});

threads("TERM from elsewhere asks for a replacement", async () => {
  const { runtime, worker, link } = await serve();
  worker.onTerm();
  runtime.clock.pass(500);
  assert.is(link.of<RecycleMessage>("recycle")[0]?.reason, "SIGTERM");
});

threads("an error that nothing caught asks for a replacement", async () => {
  const { worker, link } = await serve();
  worker.uncaught(new Error("boom"));
  assert.match(lines(link)[0]?.text ?? "", /^Uncaught error\nError: boom\n/);
  assert.is(
    link.of<RecycleMessage>("recycle")[0]?.reason,
    "an uncaught error",
  );
});

threads("a thread that must go at once says so for its worker", async () => {
  const { one, tell, link } = await serve();
  tell(one, {
    ...{ type: "recycle", kind: "error", reason: "the end of its server" },
    ...{ failure: true, now: true },
  });
  const [asked] = link.of<RecycleMessage>("recycle");
  assert.equal([asked?.reason, asked?.now], [
    "the end of its server in thread 1",
    true,
  ]);
});

threads("what a thread logs and records of requests is passed on", async () => {
  const { one, two, tell, link } = await serve();
  tell(one, { type: "log", level: "info", text: "hello" });
  const [line] = lines(link);
  assert.equal([line?.level, line?.text], ["info", "Thread 1: hello"]);
  tell(two, { type: "access", text: "GET /\n" });
  assert.is(link.of("access").length, 1);
});

threads(
  "a thread that cannot serve ends the worker with its reason",
  async () => {
    const { one, tell, link, runtime } = await start();
    const failed = {
      ...{ type: "failed", kind: "app", message: "Cannot load", stack: "" },
    };
    tell(one, failed);
    assert.equal(link.of("failed"), [failed]);
    assert.equal(runtime.exits, [4]);
  },
);

threads("a check loads the app in one thread, and ends with it", async () => {
  const runtime = new FakeRuntime();
  const worker = new Threads(
    bootOf({
      check: true,
      plan: { workerClass: { name: "thread", threads: 3 } },
    }),
    createHost(runtime, new FakeLink()),
    "file:///corn/thread.ts",
  );
  await worker.begin();
  assert.is(runtime.threads.length, 1);
  runtime.threads[0]?.options.onExit({ code: 0 });
  assert.equal(runtime.exits, [0]);
});

threads("threads have the environment of their process", async () => {
  const { one } = await start();
  assert.is(one.options.env.PATH, "/bin");
  assert.is(one.options.url, "file:///corn/thread.ts");
});

threads(
  "slow turns are told of from the limit on, where there is one",
  async () => {
    for (const [slowMs, told] of [[1000, 1], [1001, 0], [0, 0]] as const) {
      const { runtime, one, tell, link } = await serve({
        plan: { life: { slowMs, silenceMs: 0 } },
      });
      tell(one, beat(true));
      runtime.clock.pass(2000);
      tell(one, beat(true, { blockedMs: 1000 }));
      assert.is(lines(link).length, told, String(slowMs));
    }
  },
);

threads("a thread that loads the app slowly is not told of", async () => {
  const { runtime, one, tell, link } = await start();
  runtime.clock.pass(5000);
  tell(one, beat(true, { blockedMs: 5000 }));
  assert.equal(lines(link), []);
});

threads("a worker beats at once where one thread has work", async () => {
  const { runtime, one, tell, link, worker } = await serve();
  runtime.clock.pass(300);
  const { length } = link.of("beat");
  tell(one, beat(true, { open: 1 }));
  assert.is(link.of("beat").length, length + 1);
  worker.receive({ type: "drain" });
  for (const { options } of runtime.threads) options.onExit({ code: 0 });
  link.sent.length = 0;
  runtime.clock.pass(5000);
  assert.equal(link.of("beat"), [], "its end is the end of that");
});

threads("a thread that hangs while it loads is seen as well", async () => {
  const { runtime, link, worker } = await start();
  runtime.clock.pass(7000);
  worker.receive({ type: "list", id: 3, query: false });
  runtime.clock.pass(200);
  const [answer] = link.of<RequestsMessage>("requests");
  assert.equal(answer?.blocked?.map(({ thread, ms }) => [thread, ms]), [
    ...[[1, 7200], [2, 7200]],
  ]);
});

threads("what threads cannot do is refused by name", async () => {
  const identity = { uid: 1, gid: 1, groups: [1, 2] };
  const refused = new FakeLink();
  const runtime = new FakeRuntime();
  await new Threads(
    bootOf({ plan: { process: { identity } } }),
    createHost(runtime, refused),
    "file:///corn/thread.ts",
  ).begin();
  assert.match(
    refused.of<FailedMessage>("failed")[0]?.message ?? "",
    /^Cannot start threads as a user with more groups than one/,
  );
  assert.equal(runtime.exits, [3]);
  const other = new FakeLink();
  await new Threads(
    bootOf({ runtime: "bun" }),
    createHost(new FakeRuntime(), other),
    "file:///corn/thread.ts",
  ).begin();
  assert.match(
    other.of<FailedMessage>("failed")[0]?.message ?? "",
    /^Cannot start workers on bun: \/bin\/node is node 24\.0\.0; install bun/,
  );
});

threads.run();
