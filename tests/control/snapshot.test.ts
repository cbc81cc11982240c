import {
  describeConfig,
  describeRequests,
  describeStatus,
} from "../../src/control/snapshot.ts";
import { Chronicle } from "../../src/control/chronicle.ts";
import { parseArguments } from "../../src/cli/args.ts";
import { load } from "../config/support.ts";
import { FakeSubject, servingWorker } from "../support/fake/subject.ts";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";

const snapshot = suite("snapshot");

snapshot("nothing that a config may hold in secret is told", async () => {
  const SECRET = "tops3cret";
  const config = await load({
    flags: parseArguments([
      "--env",
      `HARMLESS=${SECRET}`,
      "--env",
      `DB_PASSWORD=${SECRET}`,
      "--worker-args",
      `--title=x --session-secret ${SECRET} --api-key=${SECRET}`,
      "--upgrade-command",
      `env TOKEN='${SECRET} ${SECRET}' corn --env KEY=${SECRET} app.ts`,
      "--access-log-format",
      `%(h)s authorization: Bearer ${SECRET} pg://user:${SECRET}@${SECRET}@host/db`,
      "--dogstatsd-tags",
      `api_key:${SECRET},team:web`,
      `app.ts:create({"url":"redis://:${SECRET}@host","apiKey":"${SECRET}"})`,
    ]),
  });
  const shown = describeConfig(config);
  assert.not.match(JSON.stringify(shown), SECRET);
  assert.is(shown.settings.env?.value, "HARMLESS=*** DB_PASSWORD=***");
  assert.is(shown.settings.dogstatsdTags?.value, "api_key:***,team:web");
  assert.match(shown.settings.workerArgs?.value ?? "", /--title=x/);
});

const HOUR = "1970-01-01T01:00:00.000Z";
const LATER = "1970-01-01T01:00:01.500Z";

snapshot("a pool that is at rest is told in short", async () => {
  const subject = new FakeSubject(await load());
  const began = { at: subject.date(), now: subject.now() };
  subject.set({ ranged: false, range: undefined });
  const status = describeStatus(
    subject,
    new Chronicle(() => subject.date()),
    began,
  );
  const { workers, ...other } = status;
  assert.equal(other, {
    version: "0.0.0",
    runtime: { name: "node", version: "24.0.0" },
    ...{ pid: 99, app: "", startedAt: HOUR, uptimeMs: 0, state: "serving" },
    generation: { number: 1, since: null },
    ...{ wanted: 2, ready: 2 },
    scale: { min: null, max: null, now: 2, why: null, changedAt: null },
    listeners: [{ address: "http://127.0.0.1:8000", queues: [] }],
    waiting: 0,
    totals: { requests: 14, open: 0, restarts: 0, live: null },
    arbiter: { cpu: null, rssBytes: 5e7 },
    tasks: [],
  });
  assert.equal(
    workers,
    [1, 2].map((slot) => ({
      ...{ slot, pid: 100 + slot, age: slot, generation: 1, state: "ready" },
      ...{ stateMs: 1000, requests: 7, open: 0, silentMs: 100, live: null },
      restarts: { total: 0 },
    })),
  );
});

snapshot("a pool that has much to tell is told whole, in order", async () => {
  const config = await load({
    flags: parseArguments(["--name", "shop", "app.ts"]),
  });
  const subject = new FakeSubject(config);
  const began = { at: subject.date(), now: subject.now() };
  const chronicle = new Chronicle(() => subject.date());
  subject.clock.pass(1500);
  chronicle.note({ about: "ready" });
  chronicle.note({ about: "rollout-failed", generation: 2, text: "no" });
  chronicle.note({ about: "resized", wanted: 3, why: "2 wait" });
  const crashed = { slot: 2, pid: 102, age: 2, generation: 1 };
  chronicle.note({ about: "crash", worker: crashed, text: "was killed" });
  const live = {
    ...{ perSecond: 1.26, failed: 0.123_46, p50Ms: 1.2346, p99Ms: 31.4567 },
  };
  const certificates = [{ names: ["a.example"] }] as unknown as Parameters<
    typeof subject.set
  >[0]["certificates"];
  subject.set({
    ...{ wanted: 3, waiting: 4, certificates },
    rollout: { generation: 3, ready: 1, wanted: 2, ms: 12.6 } as never,
    workers: [
      servingWorker(3, { state: "booting", pid: undefined, requests: 0 }),
      servingWorker(2, { age: 9, open: 2, requests: 3 }),
      servingWorker(2, { state: "late", open: 1, stateMs: 0.6, silentMs: 1.4 }),
      servingWorker(1, {
        live: {
          ...{ ...live, queued: 1, websockets: 2, lagMs: 3.5 },
          ...{ cpu: 0.412_36, busy: 0.25, rssBytes: 1, heapUsedBytes: 1 },
          oldest: [],
        },
      }),
    ],
    live,
    arbiter: { cpu: 0.001_26, rssBytes: 5 },
  });
  const status = describeStatus(subject, chronicle, began);
  assert.is(status.name, "shop");
  assert.match(status.app, /app\.ts$/);
  assert.is(status.uptimeMs, 1500);
  assert.equal(status.generation, {
    ...{ number: 1, since: LATER },
    failed: { number: 2, message: "no", time: LATER },
  });
  assert.is(status.rollout?.ms, 13);
  assert.equal([status.wanted, status.ready, status.waiting], [3, 3, 4]);
  assert.equal(status.scale, {
    ...{ min: 1, max: 4, now: 3, why: "2 wait", changedAt: LATER },
  });
  assert.equal(status.certificates, certificates);
  const rounded = {
    perSecond: 1.3,
    failed: 0.1235,
    p50Ms: 1.235,
    p99Ms: 31.457,
  };
  assert.equal(status.totals, {
    ...{ requests: 17, open: 3, restarts: 1, live: rounded },
  });
  assert.equal(status.arbiter, { cpu: 0.0013, rssBytes: 5 });
  assert.equal(
    status.workers.map(({ slot, age, pid }) => `${slot}/${age} ${pid}`),
    ["1/1 101", "2/2 102", "2/9 102", "3/3 null"],
  );
  const [first, second] = status.workers;
  assert.equal(first?.live, {
    ...{ ...rounded, queued: 1, websockets: 2, lagMs: 4, cpu: 0.412 },
    ...{ busy: 0.25, rssBytes: 1, heapUsedBytes: 1, oldest: [] },
  });
  assert.equal([second?.stateMs, second?.silentMs], [1, 1]);
  assert.equal(second?.restarts, {
    total: 1,
    last: { time: LATER, reason: "was killed" },
  });
});

snapshot("of many open requests as many as are told are told", () => {
  const one = { method: "GET" } as Parameters<typeof describeRequests>[0][0];
  const workers = [servingWorker(1, { open: 3 }), servingWorker(2)];
  const told = (count: number) => {
    const { requests, more } = describeRequests(Array(count).fill(one), {
      workers,
    });
    return [requests.length, more];
  };
  assert.equal(told(2), [2, 1]);
  assert.equal(told(4), [4, 0], "workers told it before");
  workers.push(servingWorker(3, { open: 1000 }));
  assert.equal(told(1003), [1000, 3]);
});

snapshot.run();
