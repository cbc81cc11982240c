import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { bucketOf } from "../../src/exchange/durations.ts";
import { LiveBoard } from "../../src/telemetry/live-figures.ts";
import type { ToldFigures } from "../../src/telemetry/live-figures.ts";

const live = suite("figures for a person");

function told(requests: number, more: Partial<ToldFigures> = {}): ToldFigures {
  return {
    ...{ requests, queued: 0, cpuMs: 0, lagMs: 0, rss: 100, heapUsed: 50 },
    ...more,
  };
}

live("of what was told once there are no rates", () => {
  const board = new LiveBoard();
  assert.is(board.of(1, 0), undefined);
  board.note(1, told(5000, { cpuMs: 9000, lagMs: 7 }), 0);
  assert.not(board.knows([1]));
  assert.equal(board.of(1, 0), {
    ...{ perSecond: null, failed: null, p50Ms: null, p99Ms: null },
    ...{ queued: 0, websockets: 0, lagMs: 0, cpu: null, busy: null },
    oldest: [],
    ...{ rssBytes: 100, heapUsedBytes: 50 },
  });
});

live("WebSockets are those that a worker told of last", () => {
  const board = new LiveBoard();
  board.note(1, told(0, { sockets: { open: 3 } }), 0);
  assert.is(board.of(1, 0)?.websockets, 3);
  board.note(1, told(0, { sockets: { open: 1 } }), 1000);
  assert.is(board.of(1, 1000)?.websockets, 1);
});

live("rates are of the last two seconds, of all workers together too", () => {
  const board = new LiveBoard();
  const oldest = [{ method: "GET", path: "/", ms: 40 }];
  board.note(1, told(100), 0);
  board.note(2, told(0), 0);
  board.note(1, told(300, { cpuMs: 400, busyMs: 500 }), 1000);
  board.note(
    1,
    told(600, {
      ...{ cpuMs: 600, busyMs: 700, queued: 3 },
      seen: {
        durations: [[bucketOf(10), 290], [bucketOf(80), 10]],
        failed: 3,
        oldest,
      },
    }),
    2000,
  );
  board.note(2, told(50), 2000);
  assert.ok(board.knows([1, 2]));
  assert.not(board.knows([1, 2, 3]));
  const one = board.of(1, 2100)!;
  assert.equal(
    [one.perSecond, one.cpu, one.busy, one.failed, one.queued],
    [250, 0.5, 0.6, 0.01, 3],
  );
  assert.equal(one.oldest, oldest);
  assert.ok(Math.abs(one.p50Ms! / 10 - 1) < 0.05, String(one.p50Ms));
  assert.ok(Math.abs(one.p99Ms! / 80 - 1) < 0.05, String(one.p99Ms));
  assert.is(board.all(2100).perSecond, 275);
});

live("a worker that says nothing does nothing, and its lag is kept", () => {
  const board = new LiveBoard();
  board.note(1, told(0), 0);
  board.note(1, told(100, { lagMs: 400, cpuMs: 900 }), 1000);
  const silent = board.of(1, 6000)!;
  assert.equal(
    [silent.perSecond, silent.cpu, silent.lagMs],
    [0, null, 400],
  );
  assert.is(board.of(1, 12_000)!.lagMs, 0);
  board.note(1, told(100), 11_000);
  assert.is(board.of(1, 11_000)!.lagMs, 400);
});

live("a process that began anew in a message has no negative rate", () => {
  const board = new LiveBoard();
  board.note(1, told(500), 0);
  board.note(1, told(20), 1000);
  assert.is(board.of(1, 1000)!.perSecond, 0);
  board.forget(1);
  assert.is(board.of(1, 1000), undefined);
  assert.is(board.all(1000).perSecond, null);
  board.note(1, told(0), 2000);
  board.clear();
  assert.is(board.of(1, 2000), undefined);
});

live.run();
