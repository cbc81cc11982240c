import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import type { Exchange } from "../../../src/exchange/exchange.ts";
import { takeRefused } from "../../../src/exchange/refused.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
import type { FiguresMessage } from "../../../src/protocol/messages.ts";
import { RequestFigures } from "../../../src/telemetry/request-figures.ts";
import { Figures } from "../../../src/worker/observe/figures.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { bucketOf } from "../../../src/exchange/durations.ts";
import { FakeLink, FakeRuntime } from "../../support/fake/runtime.ts";
import { until } from "../../support/wait.ts";

const figures = suite("figures of a worker");

function start() {
  // What tests of other files have counted in this process.
  takeRefused();
  const runtime = new FakeRuntime();
  const link = new FakeLink();
  const { clock } = runtime;
  const inflight = new Inflight(() => clock.now());
  const own = new Figures(createHost(runtime, link), inflight);
  const requests = new RequestFigures({ bucketsMs: [10] });
  return {
    runtime,
    clock,
    inflight,
    own,
    requests,
    /** A request that takes no time of the clock's. */
    serve(ms = 1) {
      inflight.requests++;
      requests.onEnd({ method: "GET", status: 200, ms } as Exchange);
    },
    /** What was told since it was asked last. */
    told: () => link.sent.splice(0) as unknown as FiguresMessage[],
  };
}

figures("without being asked nothing is told and no timer runs", () => {
  const { own, clock, inflight, told } = start();
  inflight.requests++;
  own.noteLag(100);
  clock.pass(10_000);
  own.close();
  assert.equal(told(), []);
  assert.equal(clock.due(), []);
});

figures("each second what came since then is told", () => {
  const { own, runtime, requests, clock, serve, told } = start();
  own.use(requests);
  runtime.usage = { cpuMs: 300, busyMs: 200, rss: 1000, heapUsed: 500 };
  serve();
  own.tellEvery(1000);
  assert.equal(told(), [{
    type: "figures",
    requests: 1,
    open: 0,
    queued: 0,
    cpuMs: 300,
    busyMs: 200,
    rss: 1000,
    heapUsed: 500,
    lagMs: 0,
    ended: [{ method: "GET", status: 200, sumMs: 1, counts: [1, 0] }],
  }]);
  serve(20);
  own.noteLag(70);
  own.noteLag(30);
  runtime.usage = { cpuMs: 310, busyMs: 205, rss: 1100, heapUsed: 400 };
  clock.pass(1000);
  assert.equal(told(), [{
    type: "figures",
    requests: 2,
    open: 0,
    queued: 0,
    cpuMs: 10,
    busyMs: 5,
    rss: 1100,
    heapUsed: 400,
    lagMs: 70,
    ended: [{ method: "GET", status: 200, sumMs: 20, counts: [0, 1] }],
  }]);
});

figures("what is told is of the time since somebody asked", () => {
  const { own, runtime, clock, inflight, told } = start();
  runtime.usage = { cpuMs: 300, busyMs: 200, rss: 1000, heapUsed: 500 };
  own.noteLag(100);
  own.tellEvery(1000);
  assert.is(told()[0]?.lagMs, 0, "nobody had asked");
  own.noteLag(50);
  own.tellEvery(500);
  assert.is(told()[0]?.lagMs, 50);
  inflight.requests++;
  clock.pass(500);
  const [{ cpuMs, busyMs, lagMs } = {} as FiguresMessage] = told();
  assert.equal([cpuMs, busyMs, lagMs], [0, 0, 0]);
});

figures("an idle worker tells seldom, a busy one always", () => {
  const { own, inflight, clock, told } = start();
  own.tellEvery(1000);
  assert.is(told().length, 1);
  clock.pass(10_000);
  assert.is(told().length, 2);
  inflight.open++;
  clock.pass(3000);
  assert.is(told().length, 3);
  inflight.open--;
  // That nothing is open any more is told, too.
  clock.pass(1000);
  assert.equal(told().map(({ open }) => open), [0]);
});

figures(
  "while a person looks a worker tells each second, and more",
  async () => {
    const { own, inflight, clock, told } = start();
    own.tellEvery(1000, true);
    told();
    // What times requests is loaded then.
    await until("the timing", () => inflight.timing !== undefined);
    const request = { method: "GET", url: "/report?secret" };
    inflight.open++;
    const seat = inflight.defer(inflight.begin(request), request);
    inflight.leave();
    clock.pass(1000);
    assert.equal(told().map(({ seen }) => seen), [{
      ...{ durations: [], failed: 0 },
      oldest: [{ method: "GET", path: "/report", ms: 1000 }],
    }]);
    inflight.end(seat, { status: 200 });
    clock.pass(1000);
    clock.pass(1000);
    const [first, second] = told();
    assert.equal(first?.seen?.durations, [[bucketOf(1000), 1]]);
    assert.equal(second?.seen, { durations: [], failed: 0, oldest: [] });
    own.tellEvery(1000);
    assert.is(inflight.timing, undefined);
    assert.is(told()[0]?.seen, undefined);
    clock.pass(4000);
    assert.equal(told(), []);
    own.close();
  },
);

figures("who looks anew sees nothing of before", () => {
  const { own, inflight, told } = start();
  own.tellEvery(1000, true);
  inflight.timing?.note(5, 500);
  own.tellEvery(1000);
  told();
  own.tellEvery(1000, true);
  assert.equal(told()[0]?.seen, { durations: [], failed: 0, oldest: [] });
  own.close();
});

figures("close() tells what is left, asked or not, and leaves no timer", () => {
  for (const everyMs of [0, 1000]) {
    const { own, requests, clock, serve, told } = start();
    own.use(requests);
    own.tellEvery(everyMs);
    told();
    serve();
    own.close();
    assert.is(told()[0]?.ended.length, 1);
    assert.equal(clock.due(), []);
  }
});

figures("tellEvery(0) ends it", () => {
  const { own, clock, told, inflight } = start();
  own.tellEvery(1000);
  told();
  own.tellEvery(0);
  inflight.requests++;
  clock.pass(5000);
  own.close();
  assert.equal(told(), []);
  assert.equal(clock.due(), []);
});

figures("WebSockets are told of once there was one", () => {
  const { own, requests, clock, told } = start();
  own.use(requests);
  own.tellEvery(1000);
  assert.is(told()[0]?.sockets, undefined);
  own.sockets.onOpen();
  own.sockets.onOpen();
  own.sockets.onEnd(1012);
  own.sockets.onOpen();
  own.sockets.onEnd(4001);
  clock.pass(1000);
  assert.equal(told().map(({ sockets }) => sockets), [
    { open: 1, opened: 3, closed: { "1012": 1, app: 1 } },
  ]);
  clock.pass(1000);
  assert.equal(told(), [], "nothing has changed");
  own.sockets.onEnd(1006);
  own.close();
  assert.equal(told().map(({ sockets }) => sockets), [
    { open: 0, opened: 0, closed: { "1006": 1 } },
  ]);
});

figures.run();
