import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Inflight } from "../../../src/gateway/call/inflight.ts";
import { Timing } from "../../../src/gateway/call/timing.ts";
import { bucketOf } from "../../../src/exchange/durations.ts";
import {
  readFlightRecord,
  SEATS,
} from "../../../src/exchange/flight-record.ts";
import { WireRequest } from "../../../src/http/web/request.ts";
import type { RequestExchange } from "../../../src/http/web/request.ts";
import { settle } from "../../support/fake/runtime.ts";

const inflight = suite("inflight");

function track() {
  return { tracked: new Inflight(() => 0) };
}

async function isIdle(tracked: Inflight): Promise<boolean> {
  let idle = false;
  void tracked.idle().then(() => idle = true);
  await settle();
  return idle;
}

inflight("a worker that has begun nothing has nothing in hand", () => {
  const { requests, open, queued, held } = track().tracked;
  assert.equal([requests, open, queued, held], [0, 0, 0, 0]);
});

inflight("idle() resolves at once where nothing is open", async () => {
  assert.ok(await isIdle(track().tracked));
});

inflight("idle() waits for open requests", async () => {
  const { tracked } = track();
  const one = tracked.begin({ method: "GET", url: "/" });
  tracked.open = 2;
  let idle = 0;
  void tracked.idle().then(() => idle++);
  void tracked.idle().then(() => idle++);
  tracked.end(one);
  await settle();
  assert.is(idle, 0);
  tracked.end(one);
  await settle();
  assert.is(idle, 2);
});

inflight("idle() waits for what is held, however it ends", async () => {
  const { tracked } = track();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  tracked.hold(first.promise);
  tracked.hold(second.promise);
  assert.not(await isIdle(tracked));
  first.resolve();
  assert.not(await isIdle(tracked));
  second.reject(new Error("no"));
  assert.ok(await isIdle(tracked));
});

inflight("hold() takes what is no promise as settled", async () => {
  const { tracked } = track();
  tracked.hold(undefined);
  tracked.hold({ then: (run: () => void) => run() });
  assert.ok(await isIdle(tracked));
});

inflight("begin() makes no URL of a request of the wire engine", () => {
  const { tracked } = track();
  const head = {
    method: "GET",
    target: { origin: "http://a.example", path: "/orders?secret=1" },
    get url(): string {
      throw new Error("The URL was made");
    },
  } as unknown as RequestExchange["head"];
  const exchange = { head } as RequestExchange;
  tracked.begin(new WireRequest(head, undefined, exchange));
  const { atWork } = readFlightRecord(tracked.recorder.copy()) ?? {};
  assert.equal([atWork?.method, atWork?.path], ["GET", "/orders"]);
});

inflight("list() tells what waits for its answer, the oldest first", () => {
  let now = 100;
  const tracked = new Inflight(() => now);
  const seats = ["/a?x=1", "/b", "/c"].map((url) => {
    const request = { method: "GET", url };
    const seat = tracked.defer(tracked.begin(request), request);
    tracked.leave();
    now += 50;
    return { seat, request };
  });
  // The last one gets the seat of one before.
  tracked.end(seats[1]!.seat);
  const last = { method: "GET", url: "/d" };
  tracked.defer(tracked.begin(last), last);
  tracked.leave();
  tracked.begin({ method: "GET", url: "/now" });
  assert.equal(tracked.list(), [
    { method: "GET", path: "/a", ms: 150, request: seats[0]!.request },
    { method: "GET", path: "/c", ms: 50, request: seats[2]!.request },
    { method: "GET", path: "/d", ms: 0, request: last },
  ]);
});

/** What is timed of requests that take these times, answered at once or later. */
function time(run: (serve: (ms: number, late: boolean) => void) => void) {
  let now = 1000;
  const tracked = new Inflight(() => now);
  const timing = tracked.timing = new Timing();
  run((ms, late) => {
    const request = { method: "GET", url: "/" };
    tracked.open++;
    let seat = tracked.begin(request);
    if (late) seat = tracked.defer(seat, request);
    tracked.leave();
    now += ms;
    tracked.end(seat, { status: ms > 50 ? 500 : 200 });
  });
  return timing.take();
}

inflight("timing counts how long answers took, and those that failed", () => {
  const { durations, failed } = time((serve) => {
    serve(10, false);
    serve(10, true);
    serve(80, true);
    // In the seat of one that was put aside.
    serve(10, false);
  });
  assert.equal(durations, [[bucketOf(10), 3], [bucketOf(80), 1]]);
  assert.is(failed, 1);
});

inflight("timing knows requests for which there is no seat", () => {
  let now = 0;
  const tracked = new Inflight(() => now);
  const open = () => {
    const request = { method: "GET", url: "/" };
    const seat = tracked.defer(tracked.begin(request), request);
    tracked.leave();
    return seat;
  };
  const before = Array.from({ length: SEATS + 10 }, open);
  const timing = tracked.timing = new Timing();
  const more = Array.from({ length: 5 }, open);
  now += 20;
  // What begins later has a time of its own.
  tracked.end(open());
  for (const seat of [...before, ...more]) tracked.end(seat);
  // Those that had no seat before there was a look are left out.
  const { durations } = timing.take();
  assert.equal(durations, [[0, 1], [bucketOf(20), SEATS - 1 + 5]]);
  // All seats are free again.
  assert.is(tracked.list().length, 0);
  tracked.timing = undefined;
  assert.ok(Array.from({ length: SEATS - 1 }, open).every((seat) => seat >= 0));
});

inflight("timing counts answers of 500 and above as failed", () => {
  const timing = new Timing();
  for (const status of [499, 500, 501, undefined]) timing.note(1, status);
  // Its time is not known; that it failed is.
  timing.note(NaN, 500);
  assert.equal(timing.take(), { durations: [[bucketOf(1), 4]], failed: 3 });
  assert.equal(timing.take(), { durations: [], failed: 0 });
});

inflight("timing begins anew after a rest", () => {
  const timing = new Timing();
  timing.begin(5);
  const number = timing.defer();
  timing.note(1, 500);
  timing.rest();
  assert.equal(timing.take(), { durations: [], failed: 0 });
  assert.ok(Number.isNaN(timing.end(number)));
});

inflight("timing leaves requests out that are too many", () => {
  const timing = new Timing();
  timing.begin(5);
  const numbers = Array.from({ length: 10_000 }, () => timing.defer());
  assert.ok(numbers.every((number) => number > SEATS));
  timing.begin(7);
  assert.ok(Number.isNaN(timing.end(timing.defer())));
  assert.ok(numbers.every((number) => timing.end(number) === 5));
});

inflight.run();
