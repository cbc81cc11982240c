import type { CornConfig } from "../../src/config/table/types.ts";
import { planWorker } from "../../src/plan/worker.ts";
import type { WorkerPlan } from "../../src/protocol/worker-plan.ts";
import { load, loadFile } from "../config/support.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const plan = suite("plan of a worker");

const FOUND = {
  app: { text: "app.ts", url: "file:///srv/app.ts" },
  folders: [],
  configUrl: undefined,
  identity: undefined,
  unixOwner: undefined,
  access: undefined,
  random: () => 0.5,
};

async function planOf(options: CornConfig = {}): Promise<WorkerPlan> {
  return planWorker(await load({ options }), FOUND);
}

plan("planWorker() gives each part its slice", async () => {
  const made = await planOf({
    keepAlive: 75,
    basePath: "/shop",
    name: "shop",
    umask: 0o27,
    gateway: "fetch",
    gracefulTimeout: 7,
    statsdHost: "127.0.0.1:8125",
  });
  assert.equal(made.app, {
    ...FOUND.app,
    gateway: "fetch",
    allowListen: [],
  });
  assert.is(made.http.serving.keepAliveMs, 75_000);
  assert.is(made.proxies.basePath, "/shop");
  assert.equal(made.process, { name: "shop", umask: 0o27 });
  assert.is(made.life.gracefulMs, 7000);
  assert.is(made.telemetry.statsd?.prefix, "");
  assert.equal(made.logs, {});
  assert.is(made.hooks, undefined);
});

plan(
  "planWorker() gives sync workers a connection for each request, from one queue",
  async () => {
    const made = await planOf({ workerClass: "sync" });
    assert.equal(made.workerClass, {
      name: "sync",
      everyQueue: true,
      threads: 0,
    });
    assert.is(made.http.serving.keepAliveMs, 0);
    const kept = await planOf({ workerClass: "sync", keepAlive: 5, queues: 2 });
    assert.equal(kept.workerClass, {
      name: "sync",
      everyQueue: false,
      threads: 0,
    });
    assert.is(kept.http.serving.keepAliveMs, 5000);
    const usual = await planOf();
    assert.equal(usual.workerClass, {
      name: "async",
      everyQueue: false,
      threads: 0,
    });
    assert.is(usual.http.serving.keepAliveMs, 5000);
  },
);

plan("planWorker() is the same after its way through JSON", async () => {
  const made = await planOf({ proxyProtocol: "auto", http: "wire" });
  assert.equal(JSON.parse(JSON.stringify(made)), made);
});

plan("planWorker() tells where hooks are, if there are any", async () => {
  const found = { ...FOUND, configUrl: "file:///srv/corn.config.ts" };
  const given = await loadFile({ postFork() {}, hookTimeout: 5 });
  assert.equal(planWorker(given, found).hooks, {
    url: found.configUrl,
    limitMs: 5000,
  });
  const none = await loadFile({ onExit() {} });
  assert.is(planWorker(none, found).hooks, undefined);
});

plan("planWorker() adds jitter to what a worker is replaced at", async () => {
  const { recycle } = await planOf({
    maxRequests: 10,
    maxRequestsJitter: 4,
    maxWorkerLifetime: 100,
    maxWorkerLifetimeJitter: 10,
  });
  assert.is(recycle.maxRequests, 12);
  assert.is(recycle.maxLifetimeMs, 105_000);
  assert.is((await planOf({ maxRequestsJitter: 4 })).recycle.maxRequests, 0);
});

const queues = [
  [undefined, Number.MAX_SAFE_INTEGER],
  [0, Number.MAX_SAFE_INTEGER],
  ["none", 0],
  [3, 3],
] as const;
for (const [maxQueue, waiting] of queues) {
  plan(`a maxQueue of ${maxQueue} lets ${waiting} requests wait`, async () => {
    const { limits } = await planOf(maxQueue === undefined ? {} : { maxQueue });
    assert.is(limits.maxQueue, waiting);
  });
}

const beats = [[30, 1000], [1, 250], [0, 1000]] as const;
for (const [timeout, ms] of beats) {
  plan(`a timeout of ${timeout} s asks for a beat each ${ms} ms`, async () => {
    assert.is((await planOf({ timeout })).life.idleBeatMs, ms);
  });
}

plan(
  "planWorker() has requests counted where somebody reads it, or a canary is judged by it",
  async () => {
    const counts = async (options: CornConfig) =>
      (await planOf(options)).telemetry.requests !== undefined;
    assert.is(await counts({}), false);
    assert.is(await counts({ canary: 30 }), true);
    assert.is(await counts({ metrics: true }), true);
  },
);

plan.run();
