import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  deadlineOf,
  nextDeadline,
  pulseMs,
} from "../../../src/arbiter/pool/health.ts";
import { createPool } from "../../../src/arbiter/pool/pool.ts";
import { childOf, drive, driveReady, LIMITS, NO_QUEUES } from "./drive.ts";

const health = suite("health");

health("deadlineOf() counts a boot from the spawn", () => {
  assert.is(deadlineOf(childOf({ phase: "booting", since: 500 })), 60_500);
});

health("deadlineOf() counts silence from the last beat", () => {
  assert.is(deadlineOf(childOf({ lastBeat: 500 })), 30_500);
  assert.is(deadlineOf(childOf({ lastBeat: 500, late: true })), 30_500);
});

health("deadlineOf() is never where the timeout is off", () => {
  const limits = { ...LIMITS, silenceMs: 0 };
  assert.is(deadlineOf(childOf({ limits })), Infinity);
});

health("deadlineOf() lets the inspected worker boot and stand still", () => {
  const limits = { ...LIMITS, inspected: 1 };
  const never = { limits, since: 500, lastBeat: 500 };
  assert.is(deadlineOf(childOf({ ...never, phase: "booting" })), Infinity);
  assert.is(deadlineOf(childOf(never)), Infinity);
  assert.is(deadlineOf(childOf({ ...never, slot: 2 })), 30_500);
  // A sibling takes its queues all the same, and a drain has its end.
  assert.is(deadlineOf(childOf({ ...never, busy: true })), 1100);
  assert.is(deadlineOf(childOf({ ...never, phase: "draining" })), 11_500);
});

health("deadlineOf() expects a beat of a busy worker within 600 ms", () => {
  assert.is(deadlineOf(childOf({ lastBeat: 500, busy: true })), 1100);
  assert.is(
    deadlineOf(childOf({ lastBeat: 500, busy: true, late: true })),
    30_500,
  );
});

health("deadlineOf() gives a drain its timeout and a second more", () => {
  const child = childOf({ phase: "draining", since: 500, lastBeat: 9000 });
  assert.is(deadlineOf(child), 11_500);
});

health("deadlineOf() watches a draining worker's beats too", () => {
  const limits = { ...LIMITS, silenceMs: 2000 };
  const child = childOf({ phase: "draining", since: 500, lastBeat: 900 });
  assert.is(deadlineOf({ ...child, limits }), 2900);
});

health("deadlineOf() gives who was told to exit two seconds", () => {
  assert.is(deadlineOf(childOf({ phase: "ending", since: 500 })), 2500);
});

health("deadlineOf() gives ABRT a second", () => {
  assert.is(deadlineOf(childOf({ abortedAt: 500, late: true })), 1500);
});

health("deadlineOf() has nothing more for who was killed", () => {
  for (const phase of ["booting", "ready", "draining", "ending"] as const) {
    assert.is(deadlineOf(childOf({ phase, killed: true })), Infinity);
  }
});

health("advance() kills a worker that is not ready in time", () => {
  const pool = drive({ wanted: 1 });
  assert.equal(pool.wait(59_999), []);
  assert.equal(pool.wait(1), ["kill 1"]);
  assert.equal(pool.about(), ["boot-timeout"]);
  assert.equal(pool.ready(1), [], "what comes from it now is too late");
  assert.is(pool.children(), "1/1:booting");
});

health("advance() aborts a silent worker, and kills it a second later", () => {
  const pool = driveReady({ wanted: 1 });
  assert.equal(pool.wait(30_000), ["abort 1"]);
  assert.equal(pool.about(), ["silent"]);
  assert.equal(pool.wait(999), []);
  assert.equal(pool.wait(1), ["kill 1"]);
  assert.equal(pool.wait(100_000), []);
  assert.equal(pool.exit(1, { signal: "SIGKILL" }), ["spawn 2 in 1 of 1"]);
  assert.equal(pool.about(), ["crash"]);
});

health("advance() looks into a silent worker before its time is over", () => {
  const pool = driveReady({ wanted: 1 });
  pool.wait(26_999);
  assert.equal(pool.examined, []);
  pool.wait(1);
  assert.equal(pool.examined, [1]);
  pool.wait(2000);
  pool.beat(1);
  pool.wait(26_999);
  assert.equal(pool.examined, [1]);
  pool.wait(1);
  assert.equal(pool.examined, [1, 1]);
  assert.is(deadlineOf(childOf({ examined: 0 })), 27_000);
  const inspected = { ...childOf().limits, inspected: 1 };
  assert.is(
    deadlineOf(childOf({ examined: 0, limits: inspected })),
    Infinity,
  );
});

health("advance() looks twice at a worker before it is slow", () => {
  const pool = driveReady({
    wanted: 1,
    limits: { slowMs: 1000, silenceMs: 0 },
  });
  pool.wait(2499);
  assert.equal(pool.examined, [], "it may be at rest");
  pool.beat(1, true);
  pool.wait(499);
  assert.equal(pool.examined, []);
  pool.wait(1);
  assert.equal(pool.examined, [1]);
  pool.wait(500);
  assert.equal(pool.examined, [1, 1]);
  pool.wait(10_000);
  assert.equal(pool.examined, [1, 1]);
});

health("advance() looks twice too where both looks are found late", () => {
  const limits = { slowMs: 1000, silenceMs: 0 };
  const pool = driveReady({ wanted: 1, limits });
  pool.beat(1, true);
  // No tick at the deadline: the arbiter itself stood still.
  pool.now += 1500;
  pool.step({ type: "tick" });
  assert.equal(pool.examined, [1, 1]);
});

health("advance() tells of a worker that was blocked, by both clocks", () => {
  const limits = { slowMs: 1000, silenceMs: 0 };
  const pool = driveReady({ wanted: 1, limits });
  const told = (silentMs: number, blockedMs: number) => {
    pool.wait(silentMs);
    pool.beat(1, false, blockedMs);
    return pool.about().includes("slow");
  };
  assert.not(told(1200, 999));
  assert.ok(told(1200, 1100));
  assert.not(told(999, 1100), "the arbiter stood still");
  const quick = driveReady({ wanted: 1, limits: { ...limits, slowMs: 1 } });
  quick.wait(100);
  quick.step({ type: "beat", age: 1, busy: false });
  assert.equal(quick.about(), [], "it says nothing of it");
  const inspected = driveReady({
    wanted: 1,
    limits: { ...limits, inspected: 1 },
  });
  inspected.wait(5000);
  inspected.beat(1, false, 5000);
  assert.equal(inspected.about(), [], "its debugger held it");
  assert.equal(inspected.examined, []);
});

health("advance() lets a held worker be silent", () => {
  const limits = { slowMs: 1000, silenceMs: 5000 };
  const pool = driveReady({ wanted: 1, limits });
  pool.step({ type: "hold", age: 1, held: true });
  assert.equal(pool.wait(60_000), []);
  assert.equal(pool.examined, []);
  pool.step({ type: "hold", age: 1, held: false });
  assert.equal(pool.wait(4999), []);
  assert.equal(pool.wait(1), ["abort 1"]);
});

health("advance() is content with beats", () => {
  const pool = driveReady({ wanted: 1 });
  for (let beat = 0; beat < 10; beat++) {
    assert.equal(pool.wait(29_999), []);
    pool.beat(1);
  }
});

health("advance() takes a silent busy worker's queues after 600 ms", () => {
  const pool = driveReady({ sockets: { id: 1, queues: 2, fresh: true } });
  pool.step({ type: "queues-counted", waiting: undefined, ms: 0 });
  pool.beat(1, true);
  assert.equal(pool.wait(599), []);
  assert.equal(pool.wait(1), ["open 2 queue 0"]);
  assert.equal(pool.about(), ["late"]);
  assert.equal(pool.wait(10_000), []);
  assert.equal(pool.beat(1, false), ["release 2 queue 0"]);
  assert.equal(pool.wait(1000), [], "it has its queue back");
});

health("advance() is in no hurry with an idle worker", () => {
  const pool = driveReady({ sockets: { id: 1, queues: 2, fresh: true } });
  assert.equal(pool.wait(20_000), []);
});

health("advance() gives an aborted worker nothing to accept", () => {
  const pool = driveReady({
    sockets: { id: 1, queues: 2, fresh: true },
    limits: { silenceMs: 1000 },
  });
  pool.at(500);
  pool.beat(2);
  pool.at(1000);
  assert.equal(pool.step({ type: "tick" }), ["abort 1", "open 2 queue 0"]);
  pool.beat(2);
  assert.equal(pool.beat(1), []);
  assert.ok(pool.state.children[0]?.late);
  assert.equal(pool.wait(1000), ["kill 1", "abort 2"]);
});

health("advance() kills a worker that drains for too long", () => {
  const pool = driveReady({ wanted: 2, limits: { silenceMs: 0 } });
  pool.step({ type: "resize", by: -1 });
  assert.equal(pool.orders, ["drain 2"]);
  assert.equal(pool.wait(10_999), []);
  assert.equal(pool.wait(1), ["kill 2"]);
  assert.equal(pool.about(), ["overdue"]);
});

health("advance() lets a worker that drains write its memory down", () => {
  const pool = driveReady({ wanted: 2 });
  pool.step({ type: "resize", by: -1 });
  pool.step({ type: "hold", age: 2, held: true });
  for (let n = 0; n < 60; n++) {
    pool.beat(1);
    assert.equal(pool.wait(1000), []);
  }
  assert.equal(pool.step({ type: "hold", age: 2, held: false }), ["kill 2"]);
});

health("advance() kills a worker that does not exit when told to", () => {
  const pool = drive({ wanted: 2 });
  pool.ready(1);
  assert.equal(pool.step({ type: "resize", by: -1 }), ["quit 2"]);
  assert.equal(pool.wait(1999), []);
  assert.equal(pool.wait(1), ["kill 2"]);
});

health("advance() leaves each worker the limits it was started with", () => {
  const pool = driveReady({ wanted: 1 });
  const limits = { ...LIMITS, silenceMs: 500, gracefulMs: 100 };
  pool.rollOut({ limits });
  assert.equal(pool.ready(2), ["drain 1"]);
  pool.at(400);
  pool.beat(2);
  assert.equal(pool.wait(499), [], "worker 1 has 10 seconds to drain");
  assert.equal(pool.wait(1), ["abort 2"]);
});

health("nextDeadline() is never for a pool at rest without a timeout", () => {
  const pool = driveReady({ limits: { silenceMs: 0 } });
  assert.is(nextDeadline(pool.state, pool.now), Infinity);
});

health("nextDeadline() is the nearest of children, slots and stop", () => {
  const state = createPool({
    wanted: 1,
    limits: LIMITS,
    sockets: NO_QUEUES,
    surge: 1,
  });
  const stop = { mode: "graceful", drainAt: 300, deadline: 900 } as const;
  const slots = [{ failures: 2, notBefore: 200 }];
  const children = [childOf({ phase: "ending", since: -1500 })];
  const whole = { ...state, stop, slots, children };
  assert.is(nextDeadline(whole, 0), 200);
  assert.is(nextDeadline(whole, 200), 300);
  assert.is(nextDeadline(whole, 300), 500);
  assert.is(nextDeadline(whole, 500), 900);
  assert.is(nextDeadline(whole, 900), Infinity);
});

health("pulseMs() is an eighth of the shortest limit of silence", () => {
  const { state } = driveReady({ wanted: 1 });
  const pulse = (own: number, ...ofChildren: number[]) =>
    pulseMs({
      ...state,
      limits: { ...LIMITS, silenceMs: own },
      children: ofChildren.map((silenceMs) =>
        childOf({ limits: { ...LIMITS, silenceMs } })
      ),
    });
  assert.is(pulse(4000, 4000), 500);
  // Workers of a generation before have limits of their own, or none.
  assert.is(pulse(4000, 2400, 4000), 300);
  assert.is(pulse(4000, 0, 4000), 500);
  assert.is(pulse(0, 2400), 300);
  assert.is(pulse(60_000, 60_000), 1000);
  assert.is(pulse(0, 0), 1000, "however far the limit is");
  assert.is(pulse(100, 100), 50, "and however near");
});

health.run();
