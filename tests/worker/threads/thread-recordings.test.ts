import { RECORD_BYTES } from "../../../src/exchange/flight-record.ts";
import type { RecordedMessage } from "../../../src/protocol/messages.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import type { OneThread } from "../../../src/worker/threads/one-thread.ts";
import { ThreadList } from "../../../src/worker/threads/thread-list.ts";
import { ThreadRecordings } from "../../../src/worker/threads/thread-recordings.ts";
import { ThreadWatch } from "../../../src/worker/threads/thread-watch.ts";
import * as assert from "../../support/assert.ts";
import { FakeLink, FakeRuntime, settle } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const recordings = suite("ThreadRecordings");

/** Two threads, which write when they are told to. */
function started() {
  const runtime = new FakeRuntime();
  const { clock } = runtime;
  const link = new FakeLink();
  const list = new ThreadList();
  const watches = [1, 2].map((number) => {
    const record = new SharedArrayBuffer(RECORD_BYTES);
    const watch = new ThreadWatch({ clock, idleMs: 1000, record });
    list.add({ number, watch, thread: { send() {} } } as unknown as OneThread);
    return watch;
  });
  const all = new ThreadRecordings(createHost(runtime, link), list);
  return {
    ...{ all, clock, watch: watches[0] as ThreadWatch },
    begin: (id: number, thread?: number) =>
      all.begin({
        ...{ type: "record", id, what: "heap", file: "/tmp/heap", ms: 0 },
        ...thread !== undefined && { thread },
      }),
    take: (thread: number, id: number) =>
      all.take(thread, { type: "recorded", id }),
    told: () => link.of<RecordedMessage>("recorded"),
  };
}

recordings("memory tells of the app again 10 s after one", () => {
  const { all, clock, begin, take, told } = started();
  assert.not(all.holds);
  begin(7);
  assert.ok(all.holds);
  assert.ok(all.excuses(1));
  assert.not(all.excuses(2));
  take(2, 7);
  take(1, 8);
  assert.equal(told(), []);
  take(1, 7);
  assert.equal(told(), [{ type: "recorded", id: 7 }]);
  assert.not(all.excuses(1));
  clock.pass(9999);
  assert.ok(all.holds);
  clock.pass(1);
  assert.not(all.holds);
});

recordings("the next one ends the wait for the last", async () => {
  const { all, begin, take } = started();
  let ended = "";
  begin(7);
  void all.over?.then(() => ended += "7");
  begin(8, 2);
  void all.over?.then(() => ended += "8");
  await settle();
  assert.is(ended, "7");
  take(2, 8);
  await settle();
  assert.is(ended, "78");
  assert.is(all.over, undefined);
});

recordings("a thread that stays blocked is given up after 5 s", () => {
  const { clock, watch, begin, told } = started();
  clock.pass(3000);
  begin(7);
  // It went on, and is blocked again.
  watch.beat(true);
  clock.pass(4999);
  assert.equal(told(), []);
  clock.pass(1);
  assert.equal(told(), [{
    ...{ type: "recorded", id: 7 },
    error: "thread 1 is blocked for 5.0 s",
  }]);
});

recordings("one that has gone on has its time", () => {
  const { clock, watch, begin, take, told } = started();
  clock.pass(3000);
  begin(7);
  clock.pass(1);
  watch.beat(true);
  clock.pass(60_000);
  assert.equal(told(), []);
  take(1, 7);
  assert.equal(told(), [{ type: "recorded", id: 7 }]);
});

recordings("no time is set for one that writes at once", () => {
  const { clock, begin, take } = started();
  begin(7);
  assert.equal(clock.due(), []);
  clock.pass(3000);
  begin(8);
  assert.is(clock.due().length, 1);
  take(1, 8);
  assert.equal(clock.due(), []);
});

recordings.run();
