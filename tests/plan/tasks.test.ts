import { backlogOf, configOfPool } from "../../src/plan/tasks.ts";
import type { CornConfig } from "../../src/config/table/types.ts";
import { load } from "../config/support.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const plan = suite("plan of a pool");

/** The settings of the only pool of a config. */
async function settingsOf(
  pool: Record<string, unknown>,
  options: CornConfig = {},
) {
  const config = await load({
    options: {
      ...options,
      tasks: { images: { module: "./images.ts", ...pool } },
    } as CornConfig,
  });
  const [one] = config.tasks;
  return configOfPool(config, one!, "/run/corn/images.sock").settings;
}

plan("a pool has its own numbers, and the server's rest", async () => {
  const settings = await settingsOf({
    ...{ workers: 3, timeout: 20, maxQueue: 8 },
    ...{ maxTasks: 100, maxMemory: "512M" },
  }, {
    ...{ workers: 7, threads: 4, maxRequests: 5 },
    ...{ gracefulTimeout: 9, minUptime: 4 },
  });
  assert.equal([settings.workerClass, settings.threads], ["async", 1]);
  assert.is(settings.workers, 3);
  assert.is(settings.timeout, 22, "with the time that a task has to end");
  assert.is(settings.maxRequests, 100);
  assert.is(settings.maxWorkerMemory, 512 * 2 ** 20);
  assert.is(settings.gracefulTimeout, 9);
  assert.is(settings.minUptime, 0);
  assert.is(settings.backlog, 7);
  assert.equal(settings.bind, [{
    kind: "unix",
    path: "/run/corn/images.sock",
  }]);
});

plan("what is for those that serve HTTP is not for a pool", async () => {
  const settings = await settingsOf({}, {
    ...{ slowLoop: 1, blockStack: "on", drainDelay: 3, canary: 9 },
    ...{ maxRequests: 9, maxRequestsJitter: 3, maxWorkerLifetime: 60 },
    ...{ maxWorkerLifetimeJitter: 6, maxWorkerMemoryHard: "2G", reload: true },
    ...{ accessLogfile: "-", statsdHost: "127.0.0.1:8125" },
  } as CornConfig);
  const { slowLoop, blockStack, drainDelay, canary, reload } = settings;
  assert.equal([slowLoop, drainDelay, canary], [0, 0, 0]);
  assert.equal([blockStack, reload], ["off", false]);
  const { maxRequests, maxRequestsJitter } = settings;
  const { maxWorkerLifetime, maxWorkerLifetimeJitter } = settings;
  assert.equal([maxRequests, maxRequestsJitter], [0, 0]);
  assert.equal([maxWorkerLifetime, maxWorkerLifetimeJitter], [0, 0]);
  assert.is(settings.maxWorkerMemoryHard, 0);
  assert.equal([settings.accessLogfile, settings.statsdHost], [
    undefined,
    undefined,
  ]);
});

plan("a pool without a timeout has none", async () => {
  assert.is((await settingsOf({ timeout: 0 })).timeout, 0);
});

plan("a backlog is a connection at least", () => {
  assert.equal([1, 2, 9].map((maxQueue) => backlogOf({ maxQueue })), [1, 1, 8]);
});

for (
  const [what, pool, expected] of [
    ["the server's user and group", {}, [1001, 1002]],
    ["its own user, with that one's group", { user: "5" }, [5, undefined]],
    ["its own group beside the server's user", { group: "6" }, [1001, 6]],
    ["its own", { user: "5", group: "6" }, [5, 6]],
  ] as const
) {
  plan(`a pool runs as ${what}`, async () => {
    const { user, group } = await settingsOf(pool, {
      user: "1001",
      group: "1002",
    });
    assert.equal([user, group].map((id) => id && Number(id)), [...expected]);
  });
}

plan("the environment of a pool is the server's and its own", async () => {
  const { env } = await settingsOf(
    { env: { B: "pool", C: "3" } },
    { env: { A: "1", B: "2" } },
  );
  assert.equal(env, { A: "1", B: "pool", C: "3" });
});

plan("a runtime of its own takes no flags of the server's", async () => {
  const flags = { workerArgs: ["--expose-gc"] };
  const same = await settingsOf({}, flags);
  assert.equal(same.workerArgs, ["--expose-gc"]);
  const other = await settingsOf({ runtime: "bun" }, flags);
  assert.equal([other.runtime, other.workerArgs], ["bun", []]);
});

plan.run();
