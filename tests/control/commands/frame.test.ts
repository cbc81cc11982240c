import { frame } from "../../../src/control/commands/frame.ts";
import type { Status, WorkerStatus } from "../../../src/control/snapshot.ts";
import type { ThreadState } from "../../../src/exchange/thread-state.ts";
import type { LiveWorker } from "../../../src/telemetry/live-figures.ts";
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
    silentMs: 100,
    restarts: { total: 0 },
    live: null,
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
    listeners: [{ address: "http://127.0.0.1:8000", queues: [] }],
    tasks: [],
    waiting: 3,
    totals: { requests: 7, open: 2, restarts: 0, live: null },
    scale: { min: null, max: null, now: 2, why: null, changedAt: null },
    arbiter: { cpu: null, rssBytes: 5e7 },
    workers,
  };
}

const wide = { columns: 160, rows: 40, colour: false, now: 0 };

const live: LiveWorker = {
  ...{ perSecond: 250, failed: 0.001, p50Ms: 2.1, p99Ms: 31.4 },
  ...{ queued: 0, websockets: 0, lagMs: 3, cpu: 0.412, busy: null, oldest: [] },
  ...{ rssBytes: 84e6, heapUsedBytes: 1 },
};

top("frame() shows the pool and each worker", () => {
  const late: LiveWorker = {
    ...live,
    ...{ perSecond: 3.52, p99Ms: null, lagMs: 1234, cpu: null, queued: 2 },
    oldest: [{ method: "GET", path: "/report", ms: 1234 }],
  };
  const status: Status = {
    ...statusOf([
      worker(1, 500, { live }),
      worker(2, 7, { state: "late", pid: null, live: late }),
    ]),
    listeners: [{
      address: "http://127.0.0.1:8000",
      queues: [{ queue: 1, waiting: 3 }, { queue: 2, waiting: 0 }],
    }],
    totals: { requests: 7, open: 2, restarts: 0, live },
  };
  assert.equal(frame(status, wide), [
    "corn 1.2.3 (pid 100, node 24.0.0)  app.ts  up 1 min  generation 1",
    "http://127.0.0.1:8000  2 queues, 3 waiting   250 req/s  0.1 % 5xx  p50 2.1 ms  p99 31 ms  2 open  2 of 2 ready",
    "",
    "WORKER  PID  GEN  STATE  FOR    REQ/S  OPEN  P99    LAG     CPU   MEMORY  RESTARTS  OLDEST REQUEST",
    "1       101  1    ready  4.0 s  250    1     31 ms  3.0 ms  41 %  84 MB   0",
    "2       -    1    late   4.0 s  3.5    1+2   -      1.2 s   -     84 MB   0         GET /report for 1.2 s",
  ]);
});

top("frame() shows WebSockets and pools of tasks where there are any", () => {
  const tasks = [
    { name: "pdf", wanted: 2, ready: 2, calls: 41, open: 1, pids: [201, 202] },
    { name: "mail", wanted: 1, ready: 0, calls: 0, open: 0, pids: [] },
  ];
  const status: Status = {
    ...statusOf([
      worker(1, 9, { live: { ...live, websockets: 12 } }),
      worker(2, 9, { live }),
    ]),
    tasks,
  };
  assert.equal(frame(status, wide).slice(1), [
    "http://127.0.0.1:8000   2 open  12 WebSockets  2 of 2 ready",
    "",
    "WORKER  PID  GEN  STATE  FOR    REQ/S  OPEN  WS  P99    LAG     CPU   MEMORY  RESTARTS",
    "1       101  1    ready  4.0 s  250    1     12  31 ms  3.0 ms  41 %  84 MB   0",
    "2       102  1    ready  4.0 s  250    1     0   31 ms  3.0 ms  41 %  84 MB   0",
    "",
    "TASKS  READY   CALLS  OPEN  PIDS",
    "pdf    2 of 2  41     1     201 202",
    "mail   0 of 1  0      0",
  ]);
  const painted = frame(status, { ...wide, colour: true });
  assert.ok(painted[7]!.startsWith("\x1b[1mTASKS"));
  assert.not(painted[8]!.includes("\x1b"));
  assert.ok(painted[9]!.startsWith("\x1b[33mmail"));
  const small = frame(
    { ...statusOf(Array.from({ length: 9 }, (_, at) => worker(at, 0))), tasks },
    { ...wide, columns: 40, rows: 10, colour: true },
  );
  assert.is(small.length, 10);
  assert.match(small[5] as string, /^… and \d+ more$/);
  assert.ok(small[9]!.startsWith("\x1b[33mmail"));
});

top("frame() shows threads, and which of them is blocked", () => {
  const thread = (thread: number): ThreadState => ({
    ...{ thread, state: "turning", requests: 5, open: 0, lagMs: 2 },
  });
  const limping: LiveWorker = {
    ...live,
    threads: [thread(1), { ...thread(2), state: "blocked" }, thread(3)],
    oldest: [{ method: "GET", path: "/report", ms: 1234, thread: 2 }],
  };
  const whole: LiveWorker = { ...live, threads: [thread(1), thread(2)] };
  const status = statusOf([
    worker(1, 9, { live: whole }),
    worker(2, 9, { live: limping }),
    worker(3, 0),
  ]);
  const [heading, ...rows] = frame(status, wide).slice(3);
  assert.match(heading as string, /OPEN {2}THREADS {2}P99/);
  assert.match(rows[0] as string, / 1 {5}2 {8}31 ms/);
  assert.match(
    rows[1] as string,
    / 2 of 3 .* GET \/report for 1\.2 s in thread 2$/,
  );
  assert.match(rows[2] as string, / 1 {5}- {8}- /);
  const painted = frame(status, { ...wide, colour: true });
  assert.ok(painted[5]!.startsWith("\x1b[33m2 "));
});

top("frame() shows a part that is small as more than nothing", () => {
  const totals = (failed: number) => ({
    ...{ requests: 7, open: 2, restarts: 0 },
    live: { ...live, failed },
  });
  const shown = (failed: number) =>
    frame({ ...statusOf([]), totals: totals(failed) }, wide)[1] as string;
  assert.match(shown(0), / 0 % 5xx/);
  assert.match(shown(0.0001), / <0\.1 % 5xx/);
  assert.match(shown(0.0012), / 0\.1 % 5xx/);
});

top("frame() shows a dash for what is not measured", () => {
  const [, figures, , heading, row] = frame(statusOf([worker(1, 0)]), wide);
  assert.is(figures, "http://127.0.0.1:8000   2 open  1 of 1 ready");
  assert.match(heading as string, /RESTARTS$/);
  assert.match(row as string, / - +1 +- +- +- +- +0$/);
});

top("frame() tells of a size that changes and of a roll-out", () => {
  const status: Status = {
    ...statusOf([worker(1, 0)]),
    state: "reloading",
    rollout: { generation: 2, ready: 1, wanted: 4, ms: 2300, canary: true },
    scale: {
      ...{ min: 2, max: 8, now: 3, why: "connections wait" },
      changedAt: "1970-01-01T00:00:00.000Z",
    },
  };
  const lines = frame(status, { ...wide, now: 120_000 });
  assert.equal(lines.slice(2, 4), [
    "Generation 2 takes over: 1 of 4 ready after 2.3 s, its first worker is judged",
    "Size 3 of 2..8: connections wait, 2 min ago",
  ]);
});

top("frame() puts figures below addresses where there is no room", () => {
  const status: Status = {
    ...statusOf([worker(1, 0)]),
    listeners: ["http://127.0.0.1:8000", "https://127.0.0.1:8443"].map((
      address,
    ) => ({ address, queues: [] })),
  };
  const head = (columns: number) =>
    frame(status, { ...wide, columns }).slice(1, 4);
  assert.equal(head(160).slice(0, 2), [
    "http://127.0.0.1:8000   https://127.0.0.1:8443   2 open  1 of 1 ready",
    "",
  ]);
  assert.equal(head(60).slice(0, 2), [
    "http://127.0.0.1:8000   https://127.0.0.1:8443",
    "2 open  1 of 1 ready",
  ]);
  assert.equal(head(40), [
    "http://127.0.0.1:8000",
    "https://127.0.0.1:8443",
    "2 open  1 of 1 ready",
  ]);
});

top("frame() fits where it is shown", () => {
  const status = statusOf(
    Array.from({ length: 12 }, (_, at) => worker(at + 1, 0)),
  );
  const lines = frame(status, { ...wide, columns: 40, rows: 10 });
  assert.is(lines.length, 10);
  assert.ok(lines.every(({ length }) => length <= 40));
  assert.is(lines.at(-1), "… and 8 more");
  const all = frame(status, { ...wide, rows: 16 });
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
    const plain = frame(status, wide);
    assert.is(plain[2], "Last reload: no database");
    const painted = frame(status, { ...wide, colour: true });
    assert.is(painted[2], "\x1b[31mLast reload: no database\x1b[0m");
    assert.not(painted[5]!.includes("\x1b"));
    assert.ok(painted[6]!.startsWith("\x1b[31m2 "));
  },
);

top("frame() obeys no terminal's orders in a name", () => {
  const status = { ...statusOf([]), app: "\x1b[2Japp.ts" };
  assert.match(
    frame(status, wide)[0] as string,
    /\ufffd\[2Japp/,
  );
});

top.run();
