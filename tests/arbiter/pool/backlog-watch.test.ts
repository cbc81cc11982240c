import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { nextDeadline } from "../../../src/arbiter/pool/health.ts";
import { driveReady } from "./drive.ts";
import type { Driven } from "./drive.ts";

const watch = suite("backlog watch");

const sockets = { id: 1, queues: 3, fresh: true };

/** Three workers with a queue each; the first is busy. */
function start(): Driven {
  const pool = driveReady({ wanted: 3, sockets });
  pool.beat(1, true);
  return pool;
}

function see(pool: Driven, ...waiting: number[]): string[] {
  return pool.step({ type: "queues-counted", waiting: { 1: waiting }, ms: 0 });
}

function seeIn(pool: Driven, ms: number): string[] {
  return pool.step({ type: "queues-counted", waiting: { 1: [0, 0, 0] }, ms });
}

watch("advance() counts soon after a worker turned busy, then seldom", () => {
  const pool = start();
  assert.equal(pool.wait(49), []);
  assert.equal(pool.wait(1), ["count-queues"]);
  assert.equal(see(pool, 0, 0, 0), []);
  assert.equal(pool.wait(299), []);
  assert.equal(pool.wait(1), ["count-queues"]);
});

watch("advance() counts often while connections wait", () => {
  const pool = start();
  pool.wait(50);
  assert.equal(see(pool, 0, 3, 0), []);
  assert.equal(pool.wait(10), ["count-queues"]);
  assert.equal(see(pool, 0, 2, 0), [], "they are served");
  assert.equal(pool.wait(49), []);
  assert.equal(pool.wait(1), ["count-queues"]);
  assert.equal(see(pool, 0, 0, 0), []);
  assert.equal(pool.wait(299), []);
  assert.equal(pool.wait(1), ["count-queues"]);
});

watch("advance() counts often while a queue is shared", () => {
  const pool = lend();
  for (let at = 50; at < 5000; at += 50) {
    pool.beat(1, true);
    assert.equal(pool.wait(49), [], `${at} ms`);
    assert.equal(pool.wait(1), ["count-queues"], `${at} ms`);
    see(pool, 0, 0, 0);
  }
  pool.beat(1, true);
  assert.equal(pool.wait(50), ["release 2 queue 0", "count-queues"]);
  see(pool, 0, 0, 0);
  assert.equal(pool.wait(299), []);
  assert.equal(pool.wait(1), ["count-queues"]);
});

watch("advance() counts less often where counting takes long", () => {
  const pool = start();
  assert.equal(pool.wait(50), ["count-queues"]);
  seeIn(pool, 4);
  assert.equal(
    pool.wait(300),
    ["count-queues"],
    "one may have waited for a processor",
  );
  seeIn(pool, 5);
  pool.beat(1, true);
  assert.equal(pool.wait(399), []);
  assert.equal(
    pool.wait(1),
    ["count-queues"],
    "a hundred times the shorter one",
  );
  seeIn(pool, 90);
  pool.beat(1, true);
  assert.equal(pool.wait(500), ["count-queues"]);
  seeIn(pool, 90);
  pool.beat(1, true);
  assert.equal(pool.wait(499), []);
  assert.equal(pool.wait(1), ["count-queues"], "never later than that");
  pool.beat(1, true);
  seeIn(pool, 0.1);
  assert.equal(pool.wait(300), ["count-queues"]);
});

watch("advance() counts nothing while no worker is busy", () => {
  const pool = driveReady({ wanted: 3, sockets, limits: { silenceMs: 0 } });
  assert.equal(pool.wait(20_000), []);
  pool.beat(1, true);
  pool.beat(1, false);
  assert.equal(pool.wait(20_000), []);
});

watch("advance() counts nothing where there is one queue", () => {
  const pool = driveReady({ sockets: { ...sockets, queues: 1 } });
  pool.beat(1, true);
  assert.ok(nextDeadline(pool.state, pool.now) - pool.now > 500);
});

watch("advance() counts nothing where the system does not tell", () => {
  const pool = start();
  pool.wait(50);
  assert.equal(
    pool.step({ type: "queues-counted", waiting: undefined, ms: 0 }),
    [],
  );
  pool.beat(1, true);
  assert.equal(pool.wait(599), []);
});

watch("advance() gives what is not served to one more worker", () => {
  const pool = start();
  assert.equal(pool.wait(50), ["count-queues"]);
  assert.equal(see(pool, 2, 0, 0), []);
  assert.equal(pool.wait(10), ["count-queues"], "the second count comes soon");
  assert.equal(see(pool, 3, 0, 0), ["open 2 queue 0"]);
});

watch(
  "advance() gives a queue to an idle worker first, then to that with the fewest queues, then to the one heard of last",
  () => {
    const stuck = (pool: Driven) => {
      pool.wait(50);
      see(pool, 1, 0, 0);
      pool.wait(10);
      return see(pool, 1, 0, 0);
    };
    const idle = start();
    idle.beat(2, true);
    assert.equal(stuck(idle), ["open 3 queue 0"]);
    const late = start();
    late.wait(1);
    late.beat(3, false);
    assert.equal(stuck(late), ["open 3 queue 0"]);
    const both = driveReady({ wanted: 3, sockets });
    both.beat(1, true);
    both.wait(1);
    both.beat(2, false);
    assert.equal(stuck(both), ["open 2 queue 0"]);
    // All are at work now, and worker 2, which has two queues, is heard of last.
    both.beat(3, true);
    both.beat(1, true);
    both.wait(1);
    both.beat(2, true);
    see(both, 0, 0, 1);
    assert.equal(see(both, 0, 0, 1), ["open 1 queue 2"]);
  },
);

watch("advance() gives a queue to all where one more was not enough", () => {
  const pool = start();
  pool.wait(50);
  see(pool, 1, 0, 0);
  pool.wait(10);
  assert.equal(see(pool, 1, 0, 0), ["open 2 queue 0"]);
  pool.wait(50);
  assert.equal(see(pool, 4, 0, 0), ["open 3 queue 0"]);
  assert.equal(pool.state.children.map(({ queues }) => queues), [
    [0],
    [1, 0],
    [2, 0],
  ]);
});

watch("advance() asks no worker that is stuck itself", () => {
  const pool = start();
  pool.wait(50);
  see(pool, 1, 1, 0);
  pool.wait(10);
  assert.equal(see(pool, 1, 2, 0), ["open 3 queue 0", "open 3 queue 1"]);
});

watch("advance() asks no worker where all are stuck", () => {
  const pool = start();
  pool.wait(50);
  see(pool, 5, 5, 5);
  pool.wait(10);
  assert.equal(see(pool, 5, 5, 5), []);
});

watch(
  "advance() prefers an idle worker to the one with the latest beat",
  () => {
    const pool = start();
    pool.beat(3);
    pool.at(1);
    pool.beat(2, true);
    pool.wait(49);
    see(pool, 1, 0, 0);
    pool.wait(10);
    assert.equal(see(pool, 1, 0, 0), ["open 3 queue 0"]);
  },
);

watch("advance() stops counting where every worker has every queue", () => {
  const pool = driveReady({ wanted: 2, sockets: { ...sockets, queues: 2 } });
  pool.beat(1, true);
  pool.wait(50);
  see(pool, 1, 0);
  pool.wait(10);
  assert.equal(see(pool, 1, 0), ["open 2 queue 0"]);
  pool.beat(2, true);
  pool.wait(50);
  see(pool, 0, 1);
  pool.wait(50);
  assert.equal(see(pool, 0, 1), ["open 1 queue 1"]);
  assert.is(pool.state.countAt, Infinity);
});

/** A pool whose first queue is worker 2's too. */
function lend(): Driven {
  const pool = start();
  pool.wait(50);
  see(pool, 1, 0, 0);
  pool.wait(10);
  assert.equal(see(pool, 1, 0, 0), ["open 2 queue 0"]);
  return pool;
}

watch("advance() gives a queue back after 5 seconds", () => {
  const pool = lend();
  pool.beat(1);
  assert.equal(pool.wait(4999), []);
  assert.equal(pool.wait(1), ["release 2 queue 0"]);
  assert.equal(pool.wait(10_000), []);
});

watch("advance() gives a queue back to no worker that is late", () => {
  const pool = lend();
  pool.wait(6000);
  assert.equal(pool.orders.filter((order) => order !== "count-queues"), []);
  assert.equal(pool.beat(1), ["release 2 queue 0"]);
});

watch("advance() lets a queue be shared while its worker blocks again", () => {
  const pool = lend();
  pool.now += 250;
  pool.beat(1, true);
  pool.now += 301;
  pool.beat(1);
  assert.equal(pool.wait(4999), []);
  assert.equal(pool.wait(1), ["release 2 queue 0"]);
});

watch("advance() counts along with a beat after half the time", () => {
  const pool = start();
  pool.at(24);
  assert.equal(pool.beat(2), []);
  pool.at(25);
  assert.equal(pool.beat(2), ["count-queues"]);
  see(pool, 0, 0, 0);
  pool.at(174);
  assert.equal(pool.beat(2), []);
  pool.at(175);
  assert.equal(pool.beat(2), ["count-queues"]);
});

watch(
  "advance() wakes for no count of its own where busy workers beat and none waits",
  () => {
    const pool = start();
    pool.wait(50);
    see(pool, 0, 0, 0);
    for (let at = 250; at <= 10_000; at += 250) {
      assert.equal(pool.wait(at - pool.passed()), [], `${at} ms`);
      assert.equal(pool.beat(1, true), ["count-queues"], `${at} ms`);
      see(pool, 0, 0, 0);
      assert.equal(pool.beat(2, true), [], `${at} ms`);
    }
  },
);

watch("advance() counts along with no beat where counting takes long", () => {
  const pool = start();
  pool.wait(50);
  seeIn(pool, 2);
  pool.wait(300);
  seeIn(pool, 2);
  pool.at(549);
  assert.equal(pool.beat(1, true), []);
  pool.at(550);
  assert.equal(pool.beat(1, true), ["count-queues"]);
});

watch("advance() begins anew after a rest", () => {
  const pool = start();
  pool.wait(50);
  see(pool, 0, 0, 0);
  pool.beat(1, false);
  pool.now += 1000;
  assert.equal(pool.beat(1, true), []);
  assert.equal(pool.wait(50), ["count-queues"]);
});

watch("advance() remembers nothing from before a rest", () => {
  const pool = start();
  pool.wait(50);
  see(pool, 1, 0, 0);
  pool.beat(1, false);
  pool.beat(1, true);
  assert.equal(pool.wait(50), ["count-queues"]);
  assert.equal(see(pool, 1, 0, 0), []);
});

watch("advance() gives a crashed worker's queue back to its successor", () => {
  const pool = driveReady({ wanted: 2, sockets: { ...sockets, queues: 2 } });
  assert.equal(pool.exit(2, { code: 1 }), [
    "spawn 3 in 2 of 1",
    "open 1 queue 1",
  ]);
  assert.equal(pool.ready(3), []);
  assert.equal(pool.wait(5000), ["release 1 queue 1"]);
});

watch("advance() tells once a generation that workers block often", () => {
  const block = (pool: Driven) => {
    pool.beat(1, true);
    see(pool, 2, 0, 0);
    see(pool, 2, 0, 0);
    const told = pool.about();
    // What was taken over goes back.
    for (let at = 0; at < 5200; at += 200) {
      for (const age of [1, 2, 3]) pool.beat(age, age === 1);
      pool.wait(200);
      see(pool, 0, 0, 0);
    }
    return told.filter((about) => about === "blocks-often").length;
  };
  const run = (pool: Driven, times: number) =>
    Array.from({ length: times }, () => block(pool)).reduce((a, b) => a + b);
  const open = (tellsBlocks: boolean) => {
    const limits = { tellsBlocks };
    const pool = driveReady({ wanted: 3, sockets, limits });
    pool.beat(1, true);
    return pool;
  };
  const pool = open(true);
  assert.is(run(pool, 9), 0);
  assert.is(run(pool, 1), 1);
  assert.is(run(pool, 12), 0, "once");
  assert.is(run(open(false), 12), 0);
  const seldom = open(true);
  for (let count = 0; count < 11; count++) {
    assert.is(block(seldom), 0);
    for (let at = 0; at < 60; at++) {
      for (const age of [1, 2, 3]) seldom.beat(age, false);
      seldom.wait(1000);
    }
  }
});

watch.run();
