import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { watchLimits } from "../../../src/worker/recycle.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { Recording } from "../../../src/worker/observe/recording.ts";
import {
  FakeClock,
  FakeLink,
  FakeRuntime,
} from "../../support/fake/runtime.ts";

const recording = suite("recording");

recording("no memory limit counts while a snapshot takes memory", () => {
  const clock = new FakeClock();
  let holds = true;
  let hard = 0;
  watchLimits({
    clock,
    self: { memory: () => 300 },
    limits: { maxLifetimeMs: 0, maxMemory: 100, maxMemoryHard: 200 },
    holds: () => holds,
    onLimit() {},
    onHardLimit: () => void hard++,
  });
  clock.pass(60_000);
  assert.is(hard, 0);
  holds = false;
  clock.pass(1000);
  assert.is(hard, 1);
});

recording("a worker without threads records none of them", async () => {
  const link = new FakeLink();
  const host = createHost(new FakeRuntime(), link);
  await new Recording(host, { resting: false }).take({
    ...{ type: "record", id: 3, what: "heap", file: "/f", ms: 0, thread: 2 },
  });
  assert.equal(link.of("recorded"), [{
    ...{ type: "recorded", id: 3 },
    error: "the worker has no threads: leave out --thread",
  }]);
});

const ORDER = { type: "record", id: 3, file: "/f", ms: 500 } as const;

/** A recording, what it calls, and whether the event loop is looked at. */
function start(heap: (file: string) => void = () => {}) {
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  const look = { resting: false };
  const calls: unknown[][] = [];
  let end = () => {};
  Object.assign(runtime, {
    recorder: {
      profile(file: string, ms: number) {
        calls.push(["profile", file, ms]);
        return new Promise<void>((resolve) => end = resolve);
      },
      heap(file: string) {
        calls.push(["heap", file, look.resting]);
        heap(file);
      },
    },
  });
  return {
    ...{ link, look, calls },
    clock: runtime.clock,
    recording: new Recording(createHost(runtime, link), look),
    end: () => end(),
  };
}

recording(
  "a profile holds all else until it has ended, and longer",
  async () => {
    const { recording, link, look, calls, clock, end } = start();
    assert.not(recording.holds);
    const taken = recording.take({ ...ORDER, what: "profile" });
    assert.equal(calls, [["profile", "/f", 500]]);
    clock.pass(60_000);
    assert.equal([recording.holds, look.resting], [true, true]);
    assert.equal(link.sent, []);
    end();
    await taken;
    assert.equal(link.sent, [{ type: "recorded", id: 3 }]);
    clock.pass(9999);
    assert.equal([recording.holds, look.resting], [true, false]);
    clock.pass(1);
    assert.not(recording.holds, "memory tells of the app again");
  },
);

recording(
  "a snapshot that fails is told of, and the worker goes on",
  async () => {
    const { recording, link, look, calls } = start(() => {
      throw new Error("no room");
    });
    await recording.take({ ...ORDER, what: "heap" });
    assert.equal(calls, [["heap", "/f", true]]);
    assert.equal(link.sent, [{ type: "recorded", id: 3, error: "no room" }]);
    assert.equal([recording.holds, look.resting], [true, false]);
  },
);

recording("what is for the end waits for it, and is done once", async () => {
  const { recording, link, calls } = start();
  assert.is(recording.recordLast(), undefined);
  await recording.take({ ...ORDER, what: "heap", last: true });
  assert.equal([calls, recording.holds], [[], false]);
  await Promise.all([recording.recordLast(), recording.recordLast()]);
  assert.is(calls.length, 1);
  assert.equal(link.sent, [{ type: "recorded", id: 3 }]);
});

recording.run();
