import type { MetricsMessage } from "../../../src/protocol/messages.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { ThreadMetrics } from "../../../src/worker/threads/thread-metrics.ts";
import * as assert from "../../support/assert.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";

const metrics = suite("ThreadMetrics");

/** Two threads that have told a count each. */
function measured() {
  const runtime = new FakeRuntime();
  const { clock } = runtime;
  const link = new FakeLink();
  const all = new ThreadMetrics(createHost(runtime, link));
  const text = (count: number) => `# TYPE made counter\nmade_total ${count}\n`;
  const take = (thread: number, id: number, count: number) =>
    all.take(thread, { type: "metrics", id, text: text(count) });
  take(1, 0, 1);
  take(2, 0, 2);
  link.sent.length = 0;
  return {
    ...{ all, clock, take },
    told: () =>
      link.of<MetricsMessage>("metrics").map(({ id, text }) =>
        `${id}: ${/^made_total (\d+)/m.exec(text)?.[1]}`
      ),
  };
}

metrics("the last answer is waited for, and no time is set any more", () => {
  const { all, clock, take, told } = measured();
  all.collect(7, () => true);
  assert.equal(clock.due(), [300]);
  take(1, 7, 10);
  assert.equal(told(), []);
  take(2, 7, 20);
  assert.equal([told(), clock.due()], [["7: 30"], []]);
});

metrics("what a thread tells too late is told no second time", () => {
  const { all, clock, take, told } = measured();
  all.collect(7, () => true);
  take(1, 7, 10);
  clock.pass(299);
  assert.equal(told(), []);
  clock.pass(1);
  assert.equal(told(), ["7: 12"]);
  take(2, 7, 20);
  all.bury(1);
  assert.equal(told(), ["7: 12"]);
  // The next question waits for those that it was put to.
  all.collect(8, (thread) => thread === 2);
  take(2, 8, 21);
  assert.equal(told(), ["7: 12", "8: 31"]);
});

metrics("who asks again before the end is answered once", () => {
  const { all, clock, take, told } = measured();
  all.collect(7, () => true);
  clock.pass(200);
  all.collect(8, () => true);
  clock.pass(200);
  take(1, 7, 10);
  assert.equal(told(), []);
  clock.pass(100);
  assert.equal(told(), ["8: 12"]);
});

metrics("where no thread is left the counts are told at once", () => {
  const { all, clock, told } = measured();
  all.bury(1);
  all.bury(2);
  all.collect(7, () => false);
  assert.equal([told(), clock.due()], [["7: 3"], []]);
});

metrics.run();
