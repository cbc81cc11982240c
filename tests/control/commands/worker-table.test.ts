import {
  socketsOf,
  taskRows,
  withBlocking,
  workerRows,
} from "../../../src/control/commands/worker-table.ts";
import type { ShownWorker } from "../../../src/control/commands/worker-table.ts";
import type { Status } from "../../../src/control/snapshot.ts";
import type { RequestFacts } from "../../../src/control/subject.ts";
import type { LiveWorker } from "../../../src/telemetry/live-figures.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const tables = suite("worker-table");

const live: LiveWorker = {
  ...{ perSecond: 250, failed: 0, p50Ms: 2, p99Ms: 31.4, queued: 0 },
  ...{ websockets: 0, lagMs: 3, cpu: 0.412, busy: null, oldest: [] },
  ...{ rssBytes: 84e6, heapUsedBytes: 1 },
};

function worker(slot: number, given: Partial<ShownWorker> = {}): ShownWorker {
  return {
    ...{ slot, pid: 100 + slot, age: slot, generation: 1, state: "ready" },
    ...{ stateMs: 4000, requests: 5, open: 1, silentMs: 100, live: null },
    restarts: { total: 0 },
    ...given,
  };
}

const rowsOf = (...workers: ShownWorker[]) =>
  workerRows(workers, ({ restarts }) => String(restarts.total))
    .map((row) => row.join("|"));

tables("a worker has a line, with dashes for what it has not told", () => {
  assert.equal(rowsOf(worker(1, { pid: null }), worker(2, { live })), [
    "WORKER|PID|GEN|STATE|FOR|REQ/S|OPEN|P99|LAG|CPU|MEMORY|RESTARTS",
    "1|-|1|ready|4.0 s|-|1|-|-|-|-|0",
    "2|102|1|ready|4.0 s|250|1|31 ms|3.0 ms|41 %|84 MB|0",
  ]);
});

tables("what some have that most have not stands beside it", () => {
  const thread = { requests: 1, open: 0, lagMs: 0 };
  const busy: LiveWorker = {
    ...{ ...live, websockets: 3, queued: 2 },
    threads: [
      { thread: 1, state: "turning", ...thread },
      { thread: 2, state: "blocked", ...thread },
    ],
    oldest: [{ method: "GET", path: "/slow", ms: 500, thread: 2 }],
  };
  const short = [{ method: "GET", path: "/quick", ms: 499 }];
  const [head, ...rows] = rowsOf(
    worker(1, { live: busy }),
    worker(2, { live: { ...live, oldest: short } }),
    worker(3, {
      blockedBy: { method: "POST", path: "/report", ms: 1200 },
    }),
  );
  assert.match(head ?? "", "|OPEN|WS|THREADS|P99|");
  assert.match(head ?? "", "|OLDEST REQUEST");
  assert.equal(rows.map((row) => row.split("|").slice(6, 8)), [
    ...[["1+2", "3"], ["1", "0"], ["1", "0"]],
  ]);
  assert.equal(rows.map((row) => row.split("|").at(-1)), [
    ...["GET /slow for 500 ms in thread 2", "", "POST /report for 1.2 s"],
  ]);
  assert.is(socketsOf([worker(1, { live: busy }), worker(2)]), 3);
});

tables("what blocks a worker is named where it is late", () => {
  const request = (
    path: string,
    age: number,
    state: RequestFacts["state"],
  ) => ({
    ...{ method: "GET", path, ms: 900, state, client: null },
    worker: { slot: age, pid: 1, age, generation: 1 },
  });
  const { workers } = withBlocking(
    { workers: [1, 2, 3].map((slot) => worker(slot)) } as unknown as Status,
    [request("/1", 1, "running")],
  );
  assert.equal(workers, [worker(1), worker(2), worker(3)], "none is late");
  const late = [1, 2, 3].map((slot) => worker(slot, { state: "late" }));
  const told = withBlocking({ workers: late } as unknown as Status, [
    ...[request("/a", 1, "waiting"), request("/b", 2, "running")],
    ...[request("/c", 1, "running"), request("/d", 3, "waiting")],
  ]).workers as readonly ShownWorker[];
  assert.equal(told.map(({ blockedBy }) => blockedBy?.path), [
    ...["/c", "/b", undefined],
  ]);
});

tables("a pool of tasks has a line", () => {
  const pool = { name: "images", wanted: 2, ready: 1, calls: 5, open: 3 };
  assert.equal(taskRows([{ ...pool, pids: [7, 8] }]).slice(1), [
    ["images", "1 of 2", "5", "3", "7 8"],
  ]);
});

tables.run();
