import { frame, rateOf } from "../../../src/control/commands/frame.ts";
import type { Look } from "../../../src/control/commands/frame.ts";
import type { Status, WorkerStatus } from "../../../src/control/snapshot.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const top = suite("frame");

function worker(
  slot: number,
  requests: number,
  more: Partial<WorkerStatus> = {},
): WorkerStatus {
  return {
    slot,
    pid: 100 + slot,
    age: slot,
    generation: 1,
    state: "ready",
    stateMs: 4000,
    requests,
    open: 1,
    restarts: { total: 0 },
    ...more,
  };
}

function statusOf(
  workers: readonly WorkerStatus[],
  failed?: NonNullable<Status["generation"]["failed"]>,
): Status {
  return {
    version: "1.2.3",
    runtime: { name: "node", version: "24.0.0" },
    pid: 100,
    app: "app.ts",
    startedAt: "2026-11-28T00:00:00.000Z",
    uptimeMs: 90_000,
    state: "serving",
    generation: { number: 1, since: null, ...failed && { failed } },
    wanted: workers.length,
    ready: workers.length,
    listeners: [{ address: "http://127.0.0.1:8000" }],
    waiting: 3,
    totals: { requests: 7, open: 2 },
    workers,
  };
}

const wide = { columns: 120, rows: 40, colour: false };

top("rateOf() is of one process between two looks", () => {
  const before: Look = { status: statusOf([worker(1, 100)]), at: 1000 };
  assert.equal(rateOf(worker(1, 300), before, 2000), 200);
  assert.equal(rateOf(worker(1, 100), before, 2000), 0);
  // Another process in the same slot began at nothing.
  assert.equal(rateOf(worker(1, 10, { age: 2 }), before, 2000), undefined);
  assert.equal(rateOf(worker(1, 300), before, 1000), undefined);
  assert.equal(rateOf(worker(1, 300), undefined, 1000), undefined);
});

top("frame() shows the pool and each worker", () => {
  const before = { status: statusOf([worker(1, 0), worker(2, 0)]), at: 0 };
  const status = statusOf([
    worker(1, 500),
    worker(2, 7, { state: "late", pid: undefined as unknown as null }),
  ]);
  const lines = frame({ status, at: 2000 }, before, wide);
  assert.equal(lines, [
    "corn 1.2.3  app.ts  serving  up 1 min  generation 1",
    "254 req/s  2 open  3 waiting  2 of 2 ready  http://127.0.0.1:8000",
    "",
    "WORKER  PID  GEN  STATE  FOR    REQ/S  OPEN  RESTARTS",
    "1       101  1    ready  4.0 s  250    1     0",
    "2       -    1    late   4.0 s  3.5    1     0",
  ]);
});

top("frame() fits where it is shown", () => {
  const status = statusOf(
    Array.from({ length: 12 }, (_, at) => worker(at + 1, 0)),
  );
  const lines = frame({ status, at: 0 }, undefined, {
    ...{ columns: 40, rows: 10, colour: false },
  });
  assert.is(lines.length, 10);
  assert.ok(lines.every(({ length }) => length <= 40));
  assert.is(lines.at(-1), "… and 7 more");
  const all = frame({ status, at: 0 }, undefined, { ...wide, rows: 16 });
  assert.is(all.length, 16);
  assert.match(all.at(-1) as string, /^12 /);
});

top(
  "frame() tells of a reload that failed, and colours what is not well",
  () => {
    const failed = { number: 2, message: "no database\n  at a", time: "" };
    const status = statusOf(
      [worker(1, 0), worker(2, 0, { state: "late" })],
      failed,
    );
    const plain = frame({ status, at: 0 }, undefined, wide);
    assert.is(plain[2], "Last reload: no database");
    const painted = frame({ status, at: 0 }, undefined, {
      ...wide,
      colour: true,
    });
    assert.is(painted[2], "\x1b[31mLast reload: no database\x1b[0m");
    assert.not(painted[5]!.includes("\x1b"));
    assert.ok(painted[6]!.startsWith("\x1b[31m2 "));
  },
);

top("frame() obeys no terminal's orders in a name", () => {
  const status = { ...statusOf([]), app: "\x1b[2Japp.ts" };
  assert.match(
    frame({ status, at: 0 }, undefined, wide)[0] as string,
    /\ufffd\[2Japp/,
  );
});

top.run();
