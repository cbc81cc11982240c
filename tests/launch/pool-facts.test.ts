import type { Onlookers } from "../../src/arbiter/onlookers.ts";
import { factsOf, requestsOf } from "../../src/launch/pool-facts.ts";
import type { PoolFacts } from "../../src/control/subject.ts";
import type { LiveWorker } from "../../src/telemetry/live-figures.ts";
import { build, serve, start } from "../arbiter/site.ts";
import type { Site } from "../arbiter/site.ts";
import * as assert from "../support/assert.ts";
import { settle } from "../support/fake/runtime.ts";
import { suite } from "../support/suite.ts";

const facts = suite("facts of a pool");

const figures = { lagMs: 12, oldest: [] } as unknown as LiveWorker;

/** What is told of it; live figures are those of the given ages. */
function told({ arbiter, runtime }: Site, ages: readonly number[] = []) {
  const live = {
    of: (age: number) => ages.includes(age) ? figures : undefined,
    all: () => "all of them",
    arbiter: () => ({ cpu: null, rssBytes: 5 }),
  } as unknown as Onlookers;
  return factsOf(arbiter, live, runtime.clock.lived());
}

const states = ({ workers }: PoolFacts) => workers.map(({ state }) => state);

facts("a pool has a state from its start to its end", async () => {
  const nothing = told(await build());
  assert.equal([nothing.state, nothing.workers, nothing.wanted], [
    "starting",
    [],
    0,
  ]);
  const site = await start();
  const { arbiter, runtime } = site;
  assert.equal([told(site).state, states(told(site))], [
    "starting",
    ["booting", "booting"],
  ]);
  for (const child of [...runtime.children]) child.boot();
  assert.equal([told(site).state, states(told(site))], [
    "serving",
    ["ready", "ready"],
  ]);
  arbiter.pause();
  assert.is(told(site).state, "paused");
  const stopping = await serve();
  stopping.arbiter.stop("graceful");
  assert.equal([told(stopping).state, states(told(stopping))], [
    "stopping",
    ["draining", "draining"],
  ]);
});

facts("a worker is told with what it last said, and when", async () => {
  const site = await serve();
  const { runtime } = site;
  const [fresh] = told(site).workers;
  assert.equal([fresh?.stateMs, fresh?.silentMs], [0, 0]);
  runtime.clock.pass(300);
  runtime.child(2).beat({ open: 3 });
  runtime.clock.pass(200);
  const [first, second] = told(site).workers;
  assert.equal([first?.slot, first?.age, first?.generation], [1, 1, 1]);
  assert.is(first?.pid, runtime.child(1).pid);
  assert.equal([second?.requests, second?.open], [7, 3]);
  assert.equal([first?.stateMs, second?.stateMs], [500, 500]);
  assert.equal([first?.silentMs, second?.silentMs], [500, 200]);
});

facts("a reload is told until none of before is left", async () => {
  const site = await serve();
  const { arbiter, runtime } = site;
  assert.is(told(site).rollout, undefined);
  runtime.clock.pass(1000);
  void arbiter.reload();
  await settle();
  assert.is(told(site).rollout?.ready, 0);
  runtime.child(3).boot();
  runtime.clock.pass(40);
  const { state, rollout } = told(site);
  assert.is(state, "reloading");
  assert.equal(rollout, {
    generation: 2,
    ready: 1,
    wanted: 2,
    ms: 40,
    canary: false,
  });
  runtime.child(4).boot();
  runtime.child(1).exit();
  runtime.child(2).exit();
  await settle();
  const after = told(site);
  assert.equal([after.state, after.generation, after.rollout], [
    "serving",
    2,
    undefined,
  ]);
});

facts("what waits is told from the first look on", async () => {
  const site = await serve();
  site.runtime.waiting = [3];
  for (let look = 0; look < 2; look++) {
    const { waiting, listeners } = told(site);
    assert.is(waiting, 3);
    assert.equal(listeners.map(({ queues }) => queues), [
      [{ queue: 1, waiting: 3 }],
    ]);
  }
  site.runtime.waiting = undefined;
  const unknown = told(site);
  assert.equal([unknown.waiting, unknown.listeners[0]?.queues], [null, []]);
});

facts("a size that the load decides is told with its range", async () => {
  const fixed = told(await serve({ workers: 2 }));
  assert.equal([fixed.ranged, fixed.range, fixed.wanted], [
    false,
    undefined,
    2,
  ]);
  const ranged = told(await start({ workers: "1..4" }));
  assert.equal([ranged.ranged, ranged.range], [true, { min: 1, max: 4 }]);
});

facts("live figures are told of whom they are known", async () => {
  const site = await serve();
  const none = told(site);
  assert.equal([none.live, none.workers[0]?.live], [undefined, undefined]);
  assert.equal(none.arbiter, { cpu: null, rssBytes: 5 });
  const some = told(site, [2]);
  assert.equal(some.live as unknown, "all of them");
  assert.equal(some.workers.map(({ live }) => live), [undefined, figures]);
});

facts("of a worker that is late its silence is its lag", async () => {
  const site = await serve({ timeout: 60 });
  const { runtime } = site;
  runtime.clock.pass(1000);
  runtime.child(1).beat();
  runtime.child(2).beat({ busy: true });
  for (let second = 0; second < 5; second++) {
    runtime.clock.pass(1000);
    runtime.child(1).beat();
  }
  const { workers: [first, second] } = told(site, [1, 2]);
  assert.equal([first?.state, first?.live], ["ready", figures]);
  assert.is(second?.state, "late");
  assert.is(second?.live?.lagMs, 5000);
});

facts(
  "a request is told with its worker, where that is still there",
  async () => {
    const { arbiter } = await serve();
    const request = { method: "GET", path: "/a", ms: 5, state: "running" };
    const asked: boolean[] = [];
    arbiter.view.openRequests = (query) => {
      asked.push(query);
      return Promise.resolve([
        { ...request, age: 2, client: "::1" },
        { ...request, age: 1 },
        { ...request, age: 7 },
      ] as never);
    };
    const [second, first, ...rest] = await requestsOf(arbiter, true);
    assert.equal([asked, rest], [[true], []]);
    assert.equal(second as unknown, {
      ...request,
      client: "::1",
      worker: { slot: 2, pid: 1002, generation: 1, age: 2 },
    });
    assert.equal([first?.client, first?.worker.slot], [null, 1]);
  },
);

facts.run();
