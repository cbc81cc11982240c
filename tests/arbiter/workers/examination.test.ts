import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Examination } from "../../../src/arbiter/workers/examination.ts";
import {
  createMark,
  FlightRecorder,
} from "../../../src/exchange/flight-record.ts";
import { FakeDebugger } from "../../support/fake/debugger.ts";
import { FakeRuntime, settle } from "../../support/fake/runtime.ts";

const examination = suite("Examination");

/** What a worker says of itself. */
function sayOf(begun: number, frame: string): string {
  return JSON.stringify({ begun, frames: [frame] });
}

/** A worker that is silent, whose record is not found the first times. */
function silent(misses: number, says: readonly string[] = []) {
  const runtime = new FakeRuntime();
  const recorder = new FlightRecorder();
  recorder.begin({ method: "GET", url: "/report?x=1" });
  let searches = 0;
  const worker = new FakeDebugger(says);
  const looks = new Examination({
    mark: createMark(Math.random),
    runtime: {
      clock: runtime.clock,
      converse: (url, events) => {
        queueMicrotask(() => worker.events.onOpen());
        return worker.converse(url, events);
      },
      findInMemory: () =>
        Promise.resolve(
          searches++ < misses ? undefined : { read: () => recorder.copy() },
        ),
    },
  });
  const pass = async (ms: number) => {
    await settle();
    for (let passed = 0; passed < ms; passed += 10) {
      runtime.clock.pass(10);
      await settle();
    }
  };
  /** What was seen when it beats again. */
  const sight = async () => {
    looks.heard();
    const past = looks.past();
    for (let waits = 0; waits < 3; waits++) await pass(300);
    return await past;
  };
  return { looks, recorder, pass, sight, worker, clock: runtime.clock };
}

examination("two looks that meet one request name it", async () => {
  const { looks, pass, sight } = silent(0);
  looks.look(1, false);
  await pass(200);
  assert.is((await looks.past()).by, undefined);
  looks.look(1, true);
  await pass(60);
  assert.is((await sight()).by?.path, "/report");
});

examination("one look that found it is the last before the next", async () => {
  const { looks, pass, sight } = silent(0);
  looks.look(1, false);
  for (const ms of [60, 200, 60]) await pass(ms);
  assert.is((await sight()).by, undefined);
});

examination("one that is over between them is not named", async () => {
  const { looks, recorder, pass, sight } = silent(0);
  looks.look(1, false);
  await pass(200);
  recorder.leave();
  recorder.begin({ method: "GET", url: "/other" });
  looks.look(1, true);
  await pass(60);
  assert.is((await sight()).by, undefined);
});

examination(
  "a look that found nothing is made up for by the next",
  async () => {
    const { looks, pass, sight } = silent(1);
    looks.look(1, false);
    await pass(200);
    looks.look(1, true);
    await pass(200);
    await pass(60);
    assert.is((await sight()).by?.path, "/report");
  },
);

examination("but not where it goes on meanwhile", async () => {
  const { looks, recorder, pass, sight } = silent(1);
  looks.look(1, false);
  await pass(200);
  looks.look(1, true);
  await pass(100);
  recorder.leave();
  recorder.begin({ method: "GET", url: "/other" });
  await pass(100);
  await pass(60);
  assert.is((await sight()).by, undefined);
});

examination("one that began since the first look is named", async () => {
  const { looks, recorder, pass, sight } = silent(0);
  recorder.leave();
  looks.look(1, false);
  await pass(200);
  recorder.begin({ method: "GET", url: "/late" });
  looks.look(1, true);
  for (const ms of [60, 200, 60]) await pass(ms);
  assert.is((await sight()).by?.path, "/late");
});

examination("some time is between two looks", async () => {
  const { looks, recorder, pass, sight } = silent(0);
  looks.look(1, false);
  await pass(200);
  looks.look(1, true);
  await pass(40);
  recorder.leave();
  recorder.begin({ method: "GET", url: "/other" });
  await pass(10);
  assert.is((await sight()).by, undefined);
});

examination("one that goes on and on is looked at thrice", async () => {
  const { looks, recorder, pass, clock } = silent(0);
  looks.look(1, false);
  for (let turns = 0; turns < 60; turns++) {
    recorder.leave();
    recorder.begin({ method: "GET", url: `/${turns}` });
    if (turns === 1) looks.look(1, true);
    await pass(20);
  }
  assert.equal(clock.due(), []);
});

const URL = "ws://127.0.0.1:9229/0";

examination("what it says of itself is told while it is silent", async () => {
  for (
    const [misses, begun, told] of [[0, 1, true], [0, 2, false], [
      9,
      2,
      true,
    ]] as const
  ) {
    const says = sayOf(begun, "spin (a.ts:1)");
    const { looks, pass } = silent(misses, [says, says]);
    looks.debuggerUrl = URL;
    assert.is(looks.current, undefined);
    looks.look(1, true);
    await pass(200);
    // Of a request that is over it tells nothing.
    assert.equal(looks.current?.frames, told ? ["spin (a.ts:1)"] : undefined);
    looks.heard();
    assert.is(looks.current, undefined);
    assert.equal((await looks.past()).frames, ["spin (a.ts:1)"]);
  }
});

examination("it is asked only where its stack is wanted", async () => {
  const { looks, pass, worker } = silent(0);
  looks.debuggerUrl = URL;
  looks.look(1, false);
  await pass(200);
  assert.equal(worker.told, []);
});

examination("what it said before counts where it says no more", async () => {
  const says = sayOf(1, "spin (a.ts:1)");
  const { looks, pass } = silent(0, [says, says]);
  looks.debuggerUrl = URL;
  looks.look(1, true);
  await pass(200);
  looks.look(1, true);
  await pass(400);
  assert.equal(looks.current?.frames, ["spin (a.ts:1)"]);
});

examination("what its beat tells is of the silence before", async () => {
  const { looks } = silent(0);
  const by = { method: "GET", path: "/late", ms: 0 };
  looks.heard({ begun: 1, by, frames: ["late (a.ts:1)"] });
  assert.equal(await looks.past(), {
    ...{ by, waiting: [], frames: ["late (a.ts:1)"] },
  });
  // A beat in time says nothing new.
  looks.heard();
  assert.equal((await looks.past()).frames, ["late (a.ts:1)"]);
});

examination("lookNow() tells what blocks it, and where", async () => {
  const says = sayOf(1, "spin (a.ts:1)");
  const { looks, pass } = silent(0, [says, says]);
  looks.debuggerUrl = URL;
  let seen: unknown;
  void looks.lookNow(1).then((sight) => seen = sight);
  await pass(300);
  assert.equal(seen, {
    by: { method: "GET", path: "/report", ms: 0 },
    ...{ waiting: [], frames: ["spin (a.ts:1)"] },
  });
});

examination(
  "lookNow() tells it of one that has gone on since as well",
  async () => {
    const says = sayOf(1, "spin (a.ts:1)");
    const { looks, pass, recorder } = silent(0, [says, says]);
    looks.debuggerUrl = URL;
    let frames: readonly string[] = [];
    void looks.lookNow(1).then((sight) => frames = sight.frames);
    await pass(70);
    recorder.leave();
    recorder.begin({ method: "GET", url: "/other" });
    looks.heard();
    await pass(300);
    assert.equal(frames, ["spin (a.ts:1)"]);
  },
);

examination("a worker is told the mark of its record", () => {
  assert.match(silent(0).looks.mark, /^[\da-f]{32}$/);
});

examination.run();
