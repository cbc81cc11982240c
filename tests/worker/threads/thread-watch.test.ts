import {
  FlightRecorder,
  RECORD_BYTES,
} from "../../../src/exchange/flight-record.ts";
import { seeSilent } from "../../../src/worker/threads/thread-lookout.ts";
import type { OneThread } from "../../../src/worker/threads/one-thread.ts";
import { ThreadWatch } from "../../../src/worker/threads/thread-watch.ts";
import * as assert from "../../support/assert.ts";
import { FakeClock } from "../../support/fake/clock.ts";
import { suite } from "../../support/suite.ts";

const watches = suite("ThreadWatch");

/** A thread and its record, of a process that has stood still before. */
function watched() {
  const clock = new FakeClock();
  clock.pulse(100, () => {});
  clock.block(7000);
  clock.pass(0);
  const record = new SharedArrayBuffer(RECORD_BYTES);
  const watch = new ThreadWatch({ clock, idleMs: 1000, record });
  const thread = { number: 3, watch } as OneThread;
  return {
    ...{ clock, watch, recorder: new FlightRecorder(record) },
    seen: () => seeSilent(thread),
  };
}

watches("that the process stood still before a thread is not its", () => {
  const { clock, watch } = watched();
  assert.ok(clock.lost() > 0);
  clock.pass(50);
  assert.equal(watch.beat(true), { by: "", ms: 50, pausedMs: 0 });
});

watches("a request has the loop that is met twice in one silence", () => {
  const { clock, watch, recorder } = watched();
  recorder.begin({ method: "GET", url: "/slow" });
  watch.beat(true);
  for (let silence = 0; silence < 2; silence++) {
    clock.pass(500);
    assert.is(watch.look(), 500);
    assert.is(watch.by, undefined);
    clock.pass(250);
    assert.is(watch.look(), 750);
    assert.is(watch.by?.path, "/slow");
    assert.is(watch.beat(true).by, " by GET /slow");
    assert.is(watch.by, undefined);
  }
});

watches(
  "what waits in one that is silent has waited since its last beat",
  () => {
    const { clock, watch, recorder, seen } = watched();
    const later = (url: string) => {
      const seat = recorder.begin({ method: "GET", url });
      recorder.defer(seat, clock.lived());
      recorder.leave();
    };
    const waiting = () =>
      seen().requests.map(({ path, ms }) => `${path} ${ms}`);
    assert.equal(seen(), { requests: [] });
    later("/before");
    clock.pass(40);
    watch.beat(true);
    recorder.beat(clock.lived());
    assert.equal(seen(), {
      requests: [{ method: "GET", path: "/before", ms: 40, thread: 3 }],
    });
    clock.pass(10);
    later("/behind");
    recorder.begin({ method: "GET", url: "/slow" });
    clock.pass(690);
    assert.equal(waiting(), ["/before 740", "/behind 700", "/slow 700"]);
    const { blocked } = seen();
    assert.equal([blocked?.thread, blocked?.ms, blocked?.by?.path], [
      ...[3, 700, "/slow"],
    ]);
  },
);

watches.run();
