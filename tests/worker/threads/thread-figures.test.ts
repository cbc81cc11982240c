import { FlightRecorder } from "../../../src/exchange/flight-record.ts";
import { OLDEST } from "../../../src/protocol/messages.ts";
import type { FiguresMessage } from "../../../src/protocol/messages.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { ThreadFigures } from "../../../src/worker/threads/thread-figures.ts";
import * as assert from "../../support/assert.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";
import { suite } from "../../support/suite.ts";
import { beat, FIGURES, serve } from "./two-threads.ts";

const figures = suite("figures of threads");

/** A worker of two threads, and the figures that it has told. */
async function measured() {
  const site = await serve();
  return {
    ...site,
    told: () => site.link.of<FiguresMessage>("figures"),
    last: () => site.link.of<FiguresMessage>("figures").at(-1),
  };
}

figures("those that come together are told together", async () => {
  const { runtime, one, two, tell, told } = await measured();
  tell(one, FIGURES);
  runtime.clock.pass(49);
  assert.equal(told(), []);
  tell(two, { ...FIGURES, requests: 2 });
  runtime.clock.pass(1);
  assert.equal(told().map(({ requests }) => requests), [2]);
  runtime.clock.pass(1000);
  assert.is(told().length, 1);
});

figures("of a thread that has ended only what it counted stays", async () => {
  const { runtime, one, two, tell, last } = await measured();
  const given = {
    ...FIGURES,
    ...{ requests: 3, open: 2, queued: 1, heapUsed: 10 },
    sockets: { open: 4, opened: 4, closed: {} },
  };
  tell(one, given);
  tell(two, given);
  runtime.clock.pass(50);
  const sums = () => {
    const { requests, open, queued, heapUsed, sockets } = last() ?? {};
    return [requests, open, queued, heapUsed, sockets?.open];
  };
  assert.equal(sums(), [6, 4, 2, 20, 8]);
  two.options.onExit({ code: 1 });
  tell(one, given);
  runtime.clock.pass(50);
  assert.equal(sums(), [6, 2, 1, 10, 4]);
});

figures("no sockets, no refusals and no loop time are left out", async () => {
  const { runtime, one, two, tell, last } = await measured();
  tell(one, FIGURES);
  runtime.clock.pass(50);
  assert.is(last()?.lagMs, 0);
  assert.equal(
    ["sockets", "refused", "busyMs", "seen"].filter((name) =>
      Object.hasOwn(last() ?? {}, name)
    ),
    [],
  );
  const sockets = { open: 2, opened: 2, closed: {} };
  tell(one, FIGURES);
  tell(two, { ...FIGURES, sockets });
  runtime.clock.pass(50);
  assert.equal(last()?.sockets, sockets, "one thread has some");
});

figures("what is told sooner is told in no time set before", () => {
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  const all = new ThreadFigures(createHost(runtime, link), {
    threads: 2,
    counts: () => ({ requests: 0, open: 0 }),
    blocked: () => [],
  });
  const told = () => link.of<FiguresMessage>("figures").length;
  all.take(1, FIGURES);
  all.tell();
  assert.equal([told(), runtime.clock.due()], [1, []]);
  all.tell();
  assert.is(told(), 1);
  all.take(2, FIGURES);
  runtime.clock.pass(50);
  assert.is(told(), 2);
});

figures("what is seen is told to who looks alone", async () => {
  const { runtime, worker, one, two, tell, last } = await measured();
  const oldest = (from: number) =>
    Array.from({ length: OLDEST }, (_, at) => ({
      ...{ method: "GET", path: `/${from + 2 * at}`, ms: from + 2 * at },
    }));
  const tellBoth = () => {
    tell(one, {
      ...FIGURES,
      seen: { durations: [], failed: 1, oldest: oldest(0) },
    });
    tell(two, {
      ...FIGURES,
      seen: { durations: [], failed: 2, oldest: oldest(1) },
    });
    runtime.clock.pass(50);
  };
  worker.receive({ type: "figure", everyMs: 1000 });
  tellBoth();
  assert.is(last()?.seen, undefined);
  worker.receive({ type: "figure", everyMs: 1000, seen: true });
  tellBoth();
  assert.is(last()?.seen?.failed, 3);
  const top = 2 * OLDEST - 1;
  assert.equal(
    last()?.seen?.oldest.map(({ ms, thread }) => [ms, thread]),
    Array.from({ length: OLDEST }, (_, at) => [top - at, at % 2 === 0 ? 2 : 1]),
    "the oldest of all",
  );
});

figures("a thread is seen in its state, with its own lag", async () => {
  const { runtime, worker, one, two, tell, last } = await measured();
  worker.receive({ type: "figure", everyMs: 1000, seen: true });
  tell(one, beat(false, { requests: 3, open: 1 }));
  tell(two, beat(false, { requests: 4, open: 2 }));
  tell(one, { ...FIGURES, lagMs: 7.4 });
  tell(two, { ...FIGURES, lagMs: 9.6 });
  runtime.clock.pass(50);
  assert.equal(last()?.seen?.threads, [
    { thread: 1, state: "turning", requests: 3, open: 1, lagMs: 7 },
    { thread: 2, state: "turning", requests: 4, open: 2, lagMs: 10 },
  ]);
  two.options.onExit({ code: 1 });
  tell(one, { ...FIGURES, lagMs: 2 });
  runtime.clock.pass(50);
  assert.equal(last()?.seen?.threads?.[1], {
    ...{ thread: 2, state: "ended", requests: 4, open: 0, lagMs: 0 },
  });
});

figures("a blocked thread's silence is the worker's lag", async () => {
  const { runtime, one, two, tell, last } = await measured();
  new FlightRecorder(one.options.record)
    .begin({ method: "GET", url: "/hang" });
  tell(one, beat(true, { open: 1 }));
  for (let ms = 0; ms < 2000; ms += 250) {
    runtime.clock.pass(250);
    tell(two, beat(false));
  }
  tell(two, { ...FIGURES, lagMs: 3 });
  runtime.clock.pass(50);
  assert.is(last()?.lagMs, 2050);
});

figures("time on the processor is told once", async () => {
  const { runtime, one, tell, told } = await measured();
  const usage = (cpuMs: number) => ({
    ...{ cpuMs, busyMs: undefined, rss: 1, heapUsed: 1 },
  });
  for (const cpuMs of [100, 250]) {
    runtime.usage = usage(cpuMs);
    tell(one, FIGURES);
    runtime.clock.pass(50);
  }
  assert.equal(told().map(({ cpuMs }) => cpuMs), [100, 150]);
});

figures(
  "the worker tells by itself while no thread of it can",
  async () => {
    const { runtime, worker, one, two, tell, told } = await measured();
    worker.receive({ type: "figure", everyMs: 1000 });
    for (const thread of [one, two]) tell(thread, beat(true, { open: 1 }));
    runtime.clock.pass(1500);
    tell(two, FIGURES);
    runtime.clock.pass(600);
    const { length } = told();
    assert.ok(length > 0);
    worker.receive({ type: "figure", everyMs: 4000 });
    runtime.clock.pass(3999);
    assert.is(told().length, length, "as often as it was told to");
    runtime.clock.pass(1);
    assert.is(told().length, length + 1);
  },
);

figures("one blocked thread is told of where no other tells", async () => {
  const { runtime, worker, one, two, tell, last } = await measured();
  worker.receive({ type: "figure", everyMs: 1000 });
  tell(one, beat(true, { open: 1 }));
  for (let ms = 0; ms < 2000; ms += 250) {
    runtime.clock.pass(250);
    tell(two, beat(false));
  }
  assert.is(last()?.lagMs, 2000);
});

figures.run();
