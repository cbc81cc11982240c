import {
  showConfig,
  showRequests,
  showThreads,
  showWorkers,
} from "../../../src/control/commands/show.ts";
import type { RequestFacts } from "../../../src/control/subject.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { summary } from "../../../src/control/commands/summary.ts";
import {
  bytesText,
  shortTime,
  span,
} from "../../../src/control/commands/text.ts";
import type { Status, WorkerStatus } from "../../../src/control/snapshot.ts";

const show = suite("show");

const STATUS: Status = {
  ...{ version: "1.2.3", runtime: { name: "node", version: "24.0.0" } },
  ...{ pid: 100, app: "app.ts", startedAt: "", uptimeMs: 1000 },
  ...{ state: "serving", generation: { number: 1, since: null } },
  ...{ wanted: 0, ready: 0, listeners: [], tasks: [], waiting: null },
  totals: { requests: 0, open: 2, restarts: 0, live: null },
  scale: { min: null, max: null, now: 2, why: null, changedAt: null },
  arbiter: { cpu: null, rssBytes: 5e7 },
  workers: [],
};

show("showRequests() lists them, and tells how many are left out", () => {
  const request: RequestFacts = {
    ...{ method: "GET", path: "/report", ms: 1234, state: "running" },
    client: null,
    worker: { slot: 2, pid: 11909, age: 5, generation: 1 },
  };
  const other: RequestFacts = {
    ...request,
    ...{ method: "POST", path: "/a\x1b[2J", ms: 20, state: "waiting" },
    client: "::1",
    worker: { slot: 1, pid: null, age: 4, generation: 1 },
  };
  const text = showRequests({ requests: [request, other], more: 3 });
  assert.equal(text.split("\n"), [
    "FOR    WORKER  PID    STATE    CLIENT  REQUEST",
    "1.2 s  2       11909  running  -       GET /report",
    "20 ms  1       -      waiting  ::1     POST /a\ufffd[2J",
    "… and 3 more",
  ]);
  const one = showRequests({ requests: [request], more: 1 });
  assert.is(one.split("\n").at(-1), "… and 1 more");
});

show("showRequests() tells the thread where there are several", () => {
  const request: RequestFacts = {
    ...{ method: "GET", path: "/report", ms: 1234, state: "running" },
    ...{ client: null, thread: 3 },
    worker: { slot: 2, pid: 11909, age: 5, generation: 1 },
  };
  const { thread: _, ...other } = request;
  const text = showRequests({ requests: [request, other], more: 0 });
  assert.equal(text.split("\n"), [
    "FOR    WORKER  THREAD  PID    STATE    CLIENT  REQUEST",
    "1.2 s  2       3       11909  running  -       GET /report",
    "1.2 s  2       -       11909  running  -       GET /report",
  ]);
});

show("span() is never below 0, as where the clock was set back", () => {
  assert.is(span(-358), "0 ms");
  assert.is(span(240), "240 ms");
});

/** A worker that has restarted. */
function worker(
  restarts: WorkerStatus["restarts"],
  live: WorkerStatus["live"] = null,
): WorkerStatus {
  return {
    ...{ slot: 2, pid: 102, age: 2, generation: 1, state: "ready" },
    ...{ stateMs: 4000, requests: 7, open: 1, silentMs: 100, restarts, live },
  };
}

show("showWorkers() tells why a worker was restarted last, and when", () => {
  const time = new Date(60_000).toISOString();
  const rows = (restarts: WorkerStatus["restarts"]) =>
    showWorkers([worker(restarts)], 65_000).split("\n");
  const [head = "", row = ""] = rows({
    total: 3,
    last: { time, reason: "exit code 1\nwith more" },
  });
  assert.match(head, / RESTARTS$/);
  assert.match(row, /^2 .* 3 \(exit code 1, 5\.0 s ago\)$/);
  assert.match(rows({ total: 0 })[1] ?? "", / 0$/);
});

show("showThreads() has a line for each thread of one that has several", () => {
  assert.is(showThreads(worker({ total: 0 })), undefined);
  const live = {
    threads: [
      { thread: 1, state: "turning", requests: 5, open: 1, lagMs: 0 },
      { thread: 2, state: "late", requests: 3, open: 2, lagMs: 2500 },
    ],
  } as unknown as NonNullable<WorkerStatus["live"]>;
  assert.equal(showThreads(worker({ total: 0 }, live))?.split("\n"), [
    "THREAD  STATE    REQUESTS  OPEN  LAG",
    "1       turning  5         1     0 ms",
    "2       late     3         2     2.5 s",
  ]);
});

show("showConfig() has a line for each setting, empty ones too", () => {
  const text = showConfig(
    {
      app: "app.ts",
      settings: {
        bind: { value: ":80\n:81", origin: "file" },
        pidfile: { value: "", origin: "default" },
      },
    } as unknown as Parameters<typeof showConfig>[0],
  );
  assert.equal(text.split("\n"), [
    "app      app.ts",
    "bind     :80\ufffd:81  # file",
    "pidfile  -        # default",
  ]);
});

show("figures say what is nothing, little and not known", () => {
  assert.equal([0, 0.5, 9.96, 10, null].map(shortTime), [
    ...["0 ms", "0.5 ms", "10.0 ms", "10 ms", "-"],
  ]);
  assert.equal([0, 84e6, 999e6, 1e9, undefined].map(bytesText), [
    ...["0 MB", "84 MB", "999 MB", "1.0 GB", "-"],
  ]);
});

show("summary() tells how long certificates last", () => {
  const day = 86_400_000;
  const lines = (left: number) =>
    summary(
      {
        ...STATUS,
        certificates: [{
          name: "shop.example",
          until: new Date(100 * day).toISOString(),
        }],
      } as unknown as Status,
      (100 - left) * day,
    ).filter(({ text }) => text.startsWith("Certificate"));
  const line = "Certificate of shop.example  until 1970-04-11  ";
  const cases: readonly (readonly [number, string, boolean])[] = [
    [-0.1, "has ended", true],
    [0.5, "0 days", true],
    [1.5, "1 day", true],
    [13.9, "13 days", true],
    [14, "14 days", false],
  ];
  for (const [left, text, grave] of cases) {
    assert.equal(lines(left), [{ text: `${line}${text}`, grave }]);
  }
});

show("summary() tells of the size that a range or an order gives", () => {
  const size = (scale: Partial<Status["scale"]>) =>
    summary({ ...STATUS, scale: { ...STATUS.scale, ...scale } }, 60_000)
      .map(({ text }) => text).filter((text) => text.startsWith("Size"));
  assert.equal(size({}), []);
  assert.equal(size({ min: 1, max: 4 }), ["Size 2 of 1..4"]);
  const changedAt = new Date(0).toISOString();
  assert.equal(size({ why: "TTIN", changedAt }), ["Size 2: TTIN, 1 min ago"]);
});

show("summary() puts beside each other what has room", () => {
  const listeners = ["http://127.0.0.1:8000", "http://127.0.0.1:8001"]
    .map((address) => ({ address, queues: [] }));
  const lines = (columns?: number) =>
    summary({ ...STATUS, listeners }, 0, columns).slice(1)
      .map(({ text }) => text);
  const figures = "2 open  0 of 0 ready";
  const [one, other] = listeners.map(({ address }) => address);
  assert.equal(lines(), [`${one}   ${other}   ${figures}`]);
  assert.equal(lines(45), [`${one}   ${other}`, figures]);
  assert.equal(lines(20), [one, other, figures]);
});

show.run();
