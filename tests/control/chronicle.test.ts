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

chronicle.run();
