import { Chronicle } from "../../src/control/chronicle.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const chronicle = suite("chronicle");

const time = new Date("2026-11-28T12:00:00Z");

function filled(lines: number, text: string): Chronicle {
  const kept = new Chronicle(() => time);
  for (let line = 0; line < lines; line++) {
    kept.log({ time, level: "info", pid: 7, text: `${line} ${text}` }, () => 2);
  }
  return kept;
}

chronicle("it keeps the last thousand lines", () => {
  const { entries, lost } = filled(1200, "short").after(0);
  assert.is(entries.length, 1000);
  assert.equal(entries.at(-1), {
    ...{ id: 1200, time: "2026-11-28T12:00:00.000Z", event: "log" },
    data: { level: "info", pid: 7, text: "1199 short", slot: 2 },
  });
  assert.not(lost);
  assert.ok(filled(1200, "short").after(100).lost);
});

chronicle("a flood of long lines takes no more room than so much text", () => {
  const kept = filled(1000, "x".repeat(2000));
  const { entries } = kept.after(0);
  assert.ok(entries.length > 60 && entries.length < 66);
  assert.is(entries.at(-1)?.id, 1000);
  // One that is longer than all of it is shortened, and kept.
  const text = "y".repeat(1_000_000);
  kept.log({ time, level: "error", pid: 7, text }, () => undefined);
  assert.match(JSON.stringify(kept.after(0).entries.at(-1)), /y{8192}…/);
});

chronicle("who listens is told the time as text", () => {
  const kept = new Chronicle(() => time);
  const told: string[] = [];
  const listening = kept.listen((entry) => told.push(entry.time));
  kept.note({ about: "ready", text: "ready" });
  listening.close();
  kept.note({ about: "ready", text: "ready" });
  assert.equal(told, [time.toISOString()]);
});

chronicle("a slot has the reason of its last restart", () => {
  const kept = new Chronicle(() => time);
  const worker = { slot: 2, pid: 7, age: 1, generation: 1 };
  const last = () => kept.restartsOf(2).last?.reason;
  assert.equal(kept.restartsOf(2), { total: 0 });
  kept.note({ about: "recycle", worker, reason: "it has served 10 requests" });
  assert.is(last(), "it has served 10 requests");
  kept.note({ about: "crash", worker, text: "Worker 2 (pid 7) was killed" });
  assert.is(last(), "Worker 2 (pid 7) was killed");
  kept.note({ about: "ready", worker, text: "ready" });
  assert.is(kept.restartsOf(2).total, 2);
  assert.is(kept.restarts, 2);
});

const worker = (slot: number) => ({ slot, age: 1, generation: 1, pid: 7 });

chronicle("restarts are counted of each slot, and of all", () => {
  const kept = new Chronicle(() => time);
  assert.equal([kept.restarts, kept.restartsOf(1)], [0, { total: 0 }]);
  kept.note({ about: "crash", worker: worker(1), text: "crashed" });
  kept.note({ about: "recycle", worker: worker(1), reason: "an order" });
  kept.note({ about: "boot-failed", worker: worker(2) });
  kept.note({ about: "ready", worker: worker(2), text: "ready" });
  assert.equal([kept.restarts, kept.restartsOf(1).total], [3, 2]);
  assert.is(kept.restartsOf(1).last?.reason, "an order");
  assert.is(kept.restartsOf(2).last?.reason, "boot-failed");
});

chronicle("what another pool than the app's does is kept as news alone", () => {
  const kept = new Chronicle(() => time);
  kept.note({ about: "crash", worker: worker(1), pool: "images" });
  assert.equal([kept.restarts, kept.lastId], [0, 1]);
  kept.note({ about: "ready", pool: "images" });
  assert.is(kept.course.since, undefined);
});

chronicle("what only a search for faults needs is not kept", () => {
  const kept = new Chronicle(() => time);
  kept.log({ time, level: "debug", pid: 7, text: "x" }, () => 1);
  assert.equal(kept.after(0).entries, []);
});

chronicle("the generation that serves does so since its start", () => {
  let now = time;
  const kept = new Chronicle(() => now);
  const later = () => now = new Date(now.getTime() + 1000);
  const since = () => kept.course.since;
  kept.note({ about: "ready" });
  const first = now.toISOString();
  assert.is(since(), first);
  later();
  kept.note({ about: "ready" });
  assert.is(since(), first, "of the first worker");
  later();
  kept.note({ about: "rollout-failed", generation: 2, text: "no" });
  assert.equal(kept.course, {
    since: first,
    failed: { number: 2, message: "no", time: now.toISOString() },
  });
  later();
  kept.note({ about: "rolled-out", generation: 3 });
  assert.equal(kept.course, { since: now.toISOString() });
});

chronicle("a size has the reason of its last change", () => {
  const kept = new Chronicle(() => time);
  const why = () => kept.sizeChange?.why;
  kept.note({ about: "rollout", wanted: 2, generation: 2 });
  kept.note({ about: "rolled-out", generation: 2 });
  assert.is(why(), undefined, "it was not known before");
  kept.note({ about: "resized", wanted: 3, why: "2 wait" });
  assert.equal(kept.sizeChange, { time: time.toISOString(), why: "2 wait" });
  kept.note({ about: "resized", wanted: 4 });
  assert.is(why(), "an order");
  kept.note({ about: "rollout", wanted: 4, generation: 3 });
  kept.note({ about: "rolled-out", generation: 3 });
  assert.is(why(), "an order", "a reload to the same size");
  kept.note({ about: "rollout", wanted: 6, generation: 4 });
  kept.note({ about: "rolled-out", generation: 4 });
  assert.is(why(), "a reload");
});

chronicle("what is asked for by a number comes after it", () => {
  const kept = filled(3, "x");
  const after = (id: number) => {
    const { entries, lost } = kept.after(id);
    return [entries.map(({ id }) => id), lost];
  };
  assert.equal(after(0), [[1, 2, 3], false]);
  assert.equal(after(2), [[3], false]);
  assert.equal(after(3), [[], false]);
  assert.equal(after(9), [[1, 2, 3], false], "of a corn before this one");
  assert.equal(new Chronicle(() => time).after(0), {
    entries: [],
    lost: false,
  });
});

chronicle.run();
