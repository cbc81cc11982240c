import {
  lagOf,
  pointOf,
  spanOf,
} from "../../../src/control/dashboard/points.ts";
import type { Look } from "../../../src/control/dashboard/points.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const points = suite("points");

type Worker = Look["status"]["workers"][number];

function worker(age: number, more: Partial<Worker> = {}): Worker {
  return {
    slot: age,
    pid: 100 + age,
    age,
    generation: 1,
    state: "ready",
    stateMs: 4000,
    requests: 0,
    open: 0,
    restarts: { total: 0 },
    silentMs: 0,
    live: null,
    ...more,
  } as Worker;
}

function lookOf(at: number, workers: readonly Worker[]): Look {
  const status = {
    listeners: [{
      address: "http://127.0.0.1:8000",
      queues: [{ queue: 1, waiting: 2 }, { queue: 2, waiting: 5 }],
    }],
    waiting: 7,
    totals: { requests: 0, open: 3, live: null },
    workers,
  };
  return {
    at,
    status: status as unknown as Look["status"],
    open: { requests: [], more: 0 },
  };
}

points("pointOf() adds what is known, and is null where nothing is", () => {
  const live = { perSecond: 1, p50Ms: 1, p99Ms: 2, failed: 0, busy: null };
  const one = {
    ...live,
    queued: 1,
    websockets: 3,
    lagMs: 5,
    cpu: null,
    rssBytes: 10,
  };
  const other = {
    ...live,
    queued: 2,
    websockets: 4,
    lagMs: 3,
    cpu: 0.5,
    rssBytes: 20,
  };
  const look = lookOf(1000, [
    worker(1, { live: one } as Partial<Worker>),
    worker(2, { live: other } as Partial<Worker>),
    worker(3),
  ]);
  const { at, queued, cpu, rssBytes, lagMs, waiting, fullest, p50Ms, open } =
    pointOf(look);
  assert.is(pointOf(look).websockets, 7);
  assert.equal({ at, queued, cpu, rssBytes, lagMs, waiting, fullest, open }, {
    at: 1000,
    queued: 3,
    cpu: 0.5,
    rssBytes: 30,
    lagMs: 5,
    waiting: 7,
    fullest: 5,
    open: 3,
  });
  assert.is(p50Ms, null);
  const totals = { ...look.status.totals, live } as typeof look.status.totals;
  const whole = pointOf({ at: 1000, status: { ...look.status, totals } });
  assert.equal([whole.perSecond, whole.p50Ms, whole.p99Ms], [1, 1, 2]);
  const nothing = pointOf(lookOf(1000, [worker(1)]));
  assert.equal([nothing.perSecond, nothing.lagMs, nothing.rssBytes], [
    null,
    null,
    null,
  ]);
});

points("lagOf() a worker that is blocked is as long as it is silent", () => {
  const live = { lagMs: 5 };
  const late = worker(1, { state: "late", live, silentMs: 900 } as never);
  assert.is(lagOf(late), 900);
  assert.is(lagOf(worker(1, { live, silentMs: 900 } as never)), 5);
});

points(
  "spanOf() is a minute at least and five at most, to the last point",
  () => {
    const at = (...seconds: number[]) =>
      seconds.map((second) => ({ at: second * 1000 }));
    assert.equal(spanOf(at(1000, 1001)), { from: 941_000, to: 1_001_000 });
    assert.equal(spanOf(at(1000, 1100)), { from: 1_000_000, to: 1_100_000 });
    assert.equal(spanOf(at(1000, 2000)), { from: 1_700_000, to: 2_000_000 });
  },
);

points.run();
