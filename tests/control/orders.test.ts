import { Chronicle } from "../../src/control/chronicle.ts";
import { Refused } from "../../src/control/door/route.ts";
import { Operations } from "../../src/control/operations.ts";
import type { Operation } from "../../src/control/operations.ts";
import { Orders } from "../../src/control/orders.ts";
import { load } from "../config/support.ts";
import * as assert from "../support/assert.ts";
import { assertSchema } from "../support/client/control.ts";
import { settle } from "../support/fake/clock.ts";
import type { News } from "../../src/control/subject.ts";
import { FakeSubject, servingWorker } from "../support/fake/subject.ts";
import { suite } from "../support/suite.ts";

const orders = suite("orders");
const config = await load();

function start() {
  const subject = new FakeSubject(config);
  const chronicle = new Chronicle(() => subject.date());
  const operations = new Operations(() => subject.now());
  return {
    subject,
    chronicle,
    orders: new Orders({ subject, chronicle, operations }),
  };
}

/** A promise, and what settles it. */
function promised<T>() {
  return Promise.withResolvers<T>();
}

/** Holds what is told of an operation to the schema. */
function held({ report }: Pick<Operation, "report">): void {
  assertSchema("Operation", JSON.parse(JSON.stringify(report)));
}

/** What is told of an operation beside its name and its counts. */
function told(operation: Operation): Record<string, unknown> {
  held(operation);
  const { operation: _name, step: _step, tookMs: _took, ...rest } =
    operation.report;
  return rest;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Refused) return `${error.status} ${error.code}`;
    throw error;
  }
  return "none";
}

/** A worker, as news tell of it. */
const of = (slot: number, generation = 1) => ({
  slot,
  pid: 100 + slot,
  age: 10 + slot,
  generation,
});

orders("reload() tells how many of the new generation are ready", async () => {
  const { subject, chronicle, orders } = start();
  const reload = promised<void>();
  subject.outcomes.reload = reload.promise;
  const operation = orders.reload({ canary: 5 });
  assert.equal(subject.orders, ['reload {"canary":5}']);
  assert.equal(told(operation), {
    state: "running",
    message: "Reading the config",
  });
  // A process of tasks is none of the pool's.
  const tasks = { pool: "pdf", worker: of(1) };
  chronicle.note({ about: "rollout", generation: 9, wanted: 9, ...tasks });
  chronicle.note({ about: "ready", ...tasks });
  assert.is(operation.report.progress, undefined);
  // A worker of before that is ready late is no progress.
  chronicle.note({ about: "ready", worker: of(1) });
  assert.is(operation.report.progress, undefined);

  chronicle.note({ about: "rollout", generation: 2, wanted: 2 });
  const boots = { state: "running", message: "Generation 2 boots" };
  const progress = (ready: number) => ({
    ...boots,
    generation: 2,
    progress: { ready, wanted: 2 },
  });
  assert.equal(told(operation), progress(0));
  chronicle.note({ about: "ready", worker: of(1) });
  assert.equal(told(operation), progress(0));
  for (const ready of [1, 2]) {
    chronicle.note({ about: "ready", worker: of(ready, 2) });
    assert.equal(told(operation), progress(ready));
  }
  chronicle.note({ about: "ready", worker: of(2, 2) });
  assert.equal(told(operation), progress(2));

  chronicle.note({ about: "rolled-out", generation: 2, text: "It serves" });
  reload.resolve();
  await settle();
  assert.equal(told(operation), {
    ...progress(2),
    state: "done",
    message: "It serves",
  });
});

orders("reload() begins to count anew when another takes its place", () => {
  const { chronicle, orders } = start();
  const operation = orders.reload({});
  chronicle.note({ about: "rollout", generation: 2, wanted: 2 });
  chronicle.note({ about: "ready", worker: of(1, 2) });
  chronicle.note({ about: "rollout", generation: 3, wanted: 2 });
  assert.equal(operation.report.progress, { ready: 0, wanted: 2 });
  chronicle.note({ about: "ready", worker: of(1, 3) });
  assert.equal(operation.report.progress, { ready: 1, wanted: 2 });
});

orders(
  "reload() tells what the arbiter warned of before it began",
  async () => {
    const { subject, chronicle, orders } = start();
    const reload = promised<void>();
    subject.outcomes.reload = reload.promise;
    const operation = orders.reload({});
    const log = (
      level: "info" | "warning" | "error",
      text: string,
      pid = subject.pid,
    ) =>
      chronicle.log({ level, text, pid, time: new Date(0) }, () => undefined);
    log("warning", "of what was read before");
    chronicle.note({ about: "rollout", generation: 2, wanted: 2 });
    chronicle.note({ about: "rollout-superseded", generation: 2 });
    log("info", "no warning");
    log("warning", "Certificates not renewed");
    log("error", "of a worker", 7);
    chronicle.note({ about: "rollout", generation: 3, wanted: 2 });
    log("warning", "of the pool");
    reload.resolve();
    await settle();
    const { state, warnings } = told(operation);
    assert.equal([state, warnings], ["done", ["Certificates not renewed"]]);
  },
);
orders("reopen() fails where a file cannot be opened", () => {
  const { subject, orders } = start();
  subject.reopen = () => ["Cannot open log file"];
  assert.equal(told(orders.reopen()), {
    state: "failed",
    message: "Cannot open log file",
  });
});
orders("reload() without news of it is done all the same", async () => {
  const { subject, orders } = start();
  subject.outcomes.reload = Promise.resolve();
  const operation = orders.reload({});
  await settle();
  assert.equal(told(operation), { state: "done", message: "Reload done" });
});

orders("reload() says why the config was refused", async () => {
  const { subject, orders } = start();
  subject.outcomes.reload = Promise.reject(new Error("no such file"));
  const operation = orders.reload({});
  await settle();
  assert.equal(told(operation), {
    state: "failed",
    message: "Reload refused, nothing changes: no such file",
  });
});

orders("reload() says which worker did not boot, and why", async () => {
  const { subject, chronicle, orders } = start();
  const reload = promised<void>();
  subject.outcomes.reload = reload.promise;
  const operation = orders.reload({});
  chronicle.note({ about: "rollout", generation: 2, wanted: 2 });
  chronicle.note({
    about: "rollout-failed",
    text: "Generation 2 failed",
    worker: of(2, 2),
    exit: { code: 3 },
    failure: { message: "boom", stack: "at app.ts:1" },
  });
  reload.reject(new Error("kept the old one"));
  await settle();
  const { state, message, failure } = operation.report;
  assert.equal([state, message], ["failed", "Generation 2 failed"]);
  assert.equal(failure, {
    worker: 2,
    exit: { code: 3 },
    message: "boom",
    stack: "at app.ts:1",
  });
});

orders("reload() whose failure nobody explains says so much", async () => {
  const { subject, chronicle, orders } = start();
  subject.outcomes.reload = Promise.reject(new Error("kept the old one"));
  const operation = orders.reload({});
  chronicle.note({ about: "rollout-failed" });
  await settle();
  assert.equal(told(operation), {
    state: "failed",
    message: "Reload failed",
    failure: { message: "", stack: "" },
  });
});

orders("reload() tells each second how its canary does", async () => {
  const { subject, chronicle, orders } = start();
  const reload = promised<void>();
  subject.outcomes.reload = reload.promise;
  const operation = orders.reload({ canary: 5 });
  chronicle.note({ about: "rollout", generation: 2, wanted: 2 });
  chronicle.note({ about: "canary", text: "Worker 1 is judged" });
  assert.is(operation.report.message, "Worker 1 is judged");
  const canary = (leftMs: number) => ({
    worker: 1,
    leftMs,
    old: { requests: 10, failures: 0 },
    fresh: { requests: 5, failures: 1 },
  });
  subject.judged = canary(4000);
  subject.clock.pass(999);
  assert.is(operation.report.canary, undefined);
  subject.clock.pass(1);
  assert.equal(operation.report.canary, canary(4000));
  held(operation);
  subject.judged = canary(3000);
  subject.clock.pass(1000);
  assert.equal(operation.report.canary, canary(3000));
  chronicle.note({ about: "canary-passed", text: "It does well" });
  assert.is(operation.report.message, "It does well");
  reload.resolve();
  await settle();
  // What is told last stays, and nothing looks any more.
  subject.judged = canary(2000);
  subject.clock.pass(1000);
  assert.equal(operation.report.canary, canary(3000));
  assert.equal(subject.clock.due(), []);
});

orders("orders are refused while corn stops or reloads", () => {
  const { subject, orders } = start();
  const all = {
    reload: () => orders.reload({}),
    scale: () => orders.scale(3),
    restart: () => orders.restart(1),
    drain: () => orders.drain(1),
    upgrade: () => orders.upgrade(),
    heap: () => orders.record(1, { what: "heap", ms: 0, drain: true }),
  };
  const refused = () =>
    Object.fromEntries(
      Object.entries(all).map(([name, run]) => [name, refusal(run)]),
    );
  subject.set({ state: "stopping" });
  const stopping = "409 stopping";
  assert.equal(refused(), {
    reload: stopping,
    scale: stopping,
    restart: stopping,
    drain: stopping,
    upgrade: stopping,
    heap: stopping,
  });
  assert.equal(subject.orders, []);
  subject.set({ state: "reloading" });
  const reloading = "409 reloading";
  assert.equal(refused(), {
    reload: "none",
    scale: reloading,
    restart: reloading,
    drain: "none",
    upgrade: "none",
    heap: reloading,
  });
});

orders("scale() is done when as many are ready", async () => {
  const { subject, chronicle, orders } = start();
  const operation = orders.scale(3);
  assert.equal(subject.orders, ["scale 3"]);
  subject.set({
    workers: [
      servingWorker(1),
      servingWorker(2, { state: "late" }),
      servingWorker(3, { state: "booting" }),
      servingWorker(4, { state: "draining" }),
    ],
  });
  chronicle.note({ about: "spawned" });
  await settle();
  assert.equal(operation.report.state, "running");
  assert.equal(operation.report.progress, { ready: 2, wanted: 3 });
  subject.set({ workers: [1, 2, 3].map((slot) => servingWorker(slot)) });
  chronicle.note({ about: "ready" });
  await settle();
  assert.equal(told(operation), {
    state: "done",
    message: "Pool size is now 3",
    progress: { ready: 3, wanted: 3 },
  });
});

orders("scale() fails where a worker that it adds cannot boot", async () => {
  const { chronicle, orders } = start();
  const operation = orders.scale(3);
  const failed = (slot: number): News => ({
    about: "boot-failed",
    text: `Worker ${slot} could not boot`,
    worker: { slot, pid: 9, age: 9, generation: 1 },
    exit: { code: 4 },
    failure: { message: "no database", stack: "at app.ts:2" },
  });
  chronicle.note(failed(1));
  await settle();
  assert.is(operation.over, false, "one that was there before");
  chronicle.note(failed(3));
  await settle();
  const { state, message, failure } = operation.report;
  assert.equal([state, message], [
    "failed",
    "Worker 3 could not boot: it is tried again",
  ]);
  assert.equal(failure, {
    ...{ worker: 3, exit: { code: 4 } },
    ...{ message: "no database", stack: "at app.ts:2" },
  });
});

orders("scale() to fewer waits for those that are too many", async () => {
  const { subject, chronicle, orders } = start();
  const operation = orders.scale(1);
  assert.is(operation.over, false);
  subject.set({
    workers: [servingWorker(1), servingWorker(2, { state: "draining" })],
  });
  chronicle.note({ about: "draining" });
  await settle();
  assert.is(operation.report.message, "Pool size is now 1");
});

orders('scale("auto") leaves the rest to the load at once', () => {
  const { subject, orders } = start();
  const { report } = orders.scale("auto");
  assert.equal(subject.orders, ["scale auto"]);
  assert.equal([report.state, report.message], [
    "done",
    "The load decides the pool's size again",
  ]);
});

orders(
  "restart() is done when another is ready and the old serves no more",
  async () => {
    const { subject, chronicle, orders } = start();
    const operation = orders.restart(2);
    assert.equal(subject.orders, ["replace 2"]);
    assert.equal(operation.report.progress, { ready: 0, wanted: 1 });
    const other = servingWorker(1);
    for (
      const [old, next, over] of [
        ["ready", "booting", false],
        ["ready", "ready", false],
        ["draining", "booting", false],
        ["draining", "ready", true],
      ] as const
    ) {
      subject.set({
        workers: [
          other,
          servingWorker(2, { state: old }),
          servingWorker(2, { age: 7, state: next }),
        ],
      });
      chronicle.note({ about: "ready", worker: of(2) });
      await settle();
      assert.is(operation.over, over, `${old} and ${next}`);
    }
    assert.is(operation.report.message, "Replaced 1 worker");
  },
);

orders('restart("all") replaces those that serve', async () => {
  const { subject, chronicle, orders } = start();
  subject.set({
    workers: [
      servingWorker(1),
      servingWorker(2, { state: "late" }),
      servingWorker(3, { state: "booting" }),
    ],
  });
  const operation = orders.restart("all");
  assert.equal(subject.orders, ["replace 1", "replace 2"]);
  // One that does not boot, and is none of them, is no reason to give up.
  chronicle.note({ about: "boot-failed", worker: of(3), text: "It failed" });
  subject.set({ workers: [1, 2].map((one) => servingWorker(one, { age: 9 })) });
  chronicle.note({ about: "ready" });
  await settle();
  assert.equal(told(operation), {
    state: "done",
    message: "Replaced 2 workers",
    progress: { ready: 2, wanted: 2 },
  });
});

orders("restart() fails with the worker that does not boot", async () => {
  const { subject, chronicle, orders } = start();
  const operation = orders.restart(1);
  chronicle.note({
    about: "boot-failed",
    worker: of(1),
    text: "Worker 1 did not boot",
    exit: { signal: "SIGSEGV" },
  });
  assert.equal(told(operation), {
    state: "failed",
    message: "Worker 1 did not boot: the old worker serves on",
    progress: { ready: 0, wanted: 1 },
    failure: {
      worker: 1,
      exit: { signal: "SIGSEGV" },
      message: "",
      stack: "",
    },
  });
  // What comes later changes nothing.
  subject.set({ workers: [servingWorker(1, { age: 9 })] });
  chronicle.note({ about: "ready" });
  await settle();
  assert.is(operation.report.state, "failed");
});

for (const how of ["drain", "kill"] as const) {
  orders(`${how}() is done when the worker has left`, async () => {
    const { subject, chronicle, orders } = start();
    const operation = orders[how](2);
    assert.equal(subject.orders, [`${how} 2`]);
    subject.set({ workers: [servingWorker(2, { state: "ending" })] });
    chronicle.note({ about: "draining" });
    await settle();
    assert.is(operation.over, false);
    subject.set({ workers: [servingWorker(2, { age: 9 })] });
    chronicle.note({ about: "exited" });
    await settle();
    assert.is(operation.report.message, "Worker 2 has left");
  });
}

orders("orders for a worker mean the one that serves in its slot", () => {
  const { subject, orders } = start();
  subject.set({
    workers: [
      servingWorker(1, { age: 1, state: "draining" }),
      servingWorker(1, { age: 5, state: "booting" }),
      servingWorker(2, { age: 2, state: "draining" }),
    ],
  });
  assert.is(refusal(() => orders.drain(1)), "409 not-ready");
  assert.is(refusal(() => orders.stack(1)), "409 not-ready");
  assert.is(refusal(() => orders.restart(3)), "404 no-worker");
  // Any can be killed; the one that lives before the one that ends.
  orders.kill(1);
  orders.kill(2);
  assert.equal(subject.orders, ["kill 5", "kill 2"]);
  subject.set({
    workers: [
      servingWorker(1, { state: "draining" }),
      servingWorker(1, {
        age: 6,
        state: "late",
      }),
    ],
  });
  orders.drain(1);
  assert.is(subject.orders.at(-1), "drain 6");
});

orders("stack() tells where a worker is blocked, and by what", async () => {
  const { subject, orders } = start();
  const found = { ms: 12.6, text: "It spins", frames: ["at spin"] };
  const by = { method: "GET", path: "/slow", more: "not told" };
  subject.outcomes.stack = Promise.resolve({ ...found, by });
  const known = orders.stack(1);
  subject.outcomes.stack = Promise.resolve({ ...found, by: undefined });
  const unknown = orders.stack(1);
  subject.outcomes.stack = Promise.resolve(undefined);
  const idle = orders.stack(2);
  subject.outcomes.stack = Promise.reject(new Error("no debugger"));
  const failed = orders.stack(2);
  await settle();
  const request = { method: "GET", path: "/slow" };
  const blocked = { ms: 13, frames: ["at spin"] };
  assert.equal(told(known), {
    state: "done",
    message: "It spins",
    blocked: { ...blocked, request },
  });
  assert.equal(unknown.report.blocked, { ...blocked, request: null });
  assert.equal(told(idle), {
    state: "done",
    message: "Worker 2 is not blocked",
  });
  assert.equal(told(failed), { state: "failed", message: "no debugger" });
});

orders("record() tells the file, or why there is none", async () => {
  const { subject, orders } = start();
  subject.outcomes.record = Promise.resolve("/tmp/a.cpuprofile");
  const profile = orders.record(1, { what: "profile", ms: 500, drain: false });
  assert.equal(profile.report.message, "Recording");
  subject.outcomes.record = Promise.reject(new Error("it has left"));
  const heap = orders.record(2, { what: "heap", ms: 0, drain: true });
  assert.equal(heap.report.message, "Replacing, then recording");
  assert.equal(subject.orders, ["profile 1 500 false", "heap 2 0 true"]);
  await settle();
  assert.equal(told(profile), {
    state: "done",
    message: "/tmp/a.cpuprofile",
    file: "/tmp/a.cpuprofile",
  });
  assert.equal(told(heap), { state: "failed", message: "it has left" });
});

orders(
  "record() fails with the worker that was to be ready before",
  async () => {
    const { subject, chronicle, orders } = start();
    const operation = orders.record(2, { what: "heap", ms: 0, drain: true });
    const news = { about: "boot-failed", text: "It failed" } as const;
    chronicle.note({ ...news, worker: of(1) });
    assert.is(operation.over, false);
    chronicle.note({
      ...{ ...news, worker: of(2), exit: { code: 4 } },
      failure: { message: "no database", stack: "at app.ts:1" },
    });
    await settle();
    assert.equal(told(operation), {
      state: "failed",
      message: "It failed: nothing is recorded, the old worker serves on",
      failure: {
        ...{ worker: 2, exit: { code: 4 } },
        ...{ message: "no database", stack: "at app.ts:1" },
      },
    });
    assert.equal(subject.orders, ["heap 2 0 true", "forgo 2"]);

    // What it has to do without another is not given up.
    const profile = orders.record(1, {
      what: "profile",
      ms: 500,
      drain: false,
    });
    chronicle.note({ ...news, worker: of(1) });
    await settle();
    assert.is(profile.over, false);
  },
);

orders(
  "upgrade() says what each of the two arbiters is told next",
  async () => {
    const { subject, orders } = start();
    subject.outcomes.upgrade = Promise.resolve(321);
    const done = orders.upgrade();
    subject.outcomes.upgrade = Promise.reject(new Error("it did not boot"));
    const failed = orders.upgrade();
    await settle();
    assert.is(
      done.report.message,
      "pid 321 is ready; TERM to pid 99 leaves all to it, TERM to 321 takes the upgrade back",
    );
    assert.equal(told(failed), { state: "failed", message: "it did not boot" });
  },
);

orders("stop() and reopen() say when they are done", async () => {
  const { subject, orders } = start();
  const stop = promised<void>();
  subject.outcomes.stop = stop.promise;
  const operation = orders.stop("quick");
  assert.is(operation.over, false);
  stop.resolve();
  await settle();
  assert.equal(told(operation), { state: "done", message: "Stopped" });
  assert.equal(told(orders.reopen()), {
    state: "done",
    message: "Log files reopened",
  });
  assert.equal(subject.orders, ["stop quick", "reopen"]);
});

orders.run();
