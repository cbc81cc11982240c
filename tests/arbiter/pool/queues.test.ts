import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { assign, ownQueue } from "../../../src/arbiter/pool/queues.ts";
import type { Child } from "../../../src/arbiter/pool/state.ts";
import { childOf, drive, driveReady } from "./drive.ts";

const queues = suite("queues");

const sockets = { id: 1, queues: 4, fresh: true };
const ALL = [0, 1, 2, 3];

function worker(age: number, held: number[], given: Partial<Child> = {}) {
  return childOf({ age, slot: age, queues: held, sockets, ...given });
}

queues(
  "ownQueue() gives each slot a queue, and the same one to several",
  () => {
    assert.equal([1, 2, 3, 4].map((slot) => ownQueue(slot, 3)), [0, 1, 2, 0]);
    assert.is(ownQueue(5, 1), 0);
    assert.is(ownQueue(5, 0), 0);
  },
);

queues("assign() does nothing where every queue has an acceptor", () => {
  const all = [worker(1, [0]), worker(2, [1]), worker(3, [2, 3])];
  assert.equal(assign(1, ALL, all), []);
});

queues("assign() does nothing where workers bind for themselves", () => {
  assert.equal(assign(1, [], [worker(1, [])]), []);
});

queues("assign() does nothing while nobody accepts", () => {
  const none = [
    worker(1, [0], { late: true }),
    worker(2, [1], { phase: "draining" }),
    worker(3, [], { phase: "booting" }),
  ];
  assert.equal(assign(1, ALL, none), []);
});

queues("assign() gives free queues to the workers with the fewest", () => {
  assert.equal(assign(1, ALL, [worker(1, [0, 1]), worker(2, [2])]), [
    { age: 2, queue: 3 },
  ]);
  assert.equal(assign(1, ALL, [worker(1, [0]), worker(2, [])]), [
    { age: 2, queue: 1 },
    { age: 1, queue: 2 },
    { age: 2, queue: 3 },
  ]);
});

for (const phase of ["booting", "draining", "ending"] as const) {
  queues(`assign() takes the queue of a worker that is ${phase}`, () => {
    const all = [worker(1, [0, 1, 2]), worker(2, [3], { phase })];
    assert.equal(assign(1, ALL, all), [{ age: 1, queue: 3 }]);
  });
}

queues("assign() takes the queue of a late worker", () => {
  const all = [worker(1, [0, 1, 2]), worker(2, [3], { late: true })];
  assert.equal(assign(1, ALL, all), [{ age: 1, queue: 3 }]);
});

queues("assign() leaves out workers with other sockets", () => {
  const other = worker(2, [0, 1, 2, 3], {
    sockets: { id: 2, queues: 4, fresh: true },
  });
  assert.equal(assign(1, [0, 1], [worker(1, [0]), other]), [
    { age: 1, queue: 1 },
  ]);
});

queues("assign() leaves no queue alone in any pool", () => {
  const phases = ["booting", "ready", "draining", "ending"] as const;
  let state = 7;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let round = 0; round < 5000; round++) {
    const some = Array.from(
      { length: Math.floor(random() * 6) },
      (_, index) =>
        worker(
          index + 1,
          [0, 1, 2, 3].filter(() => random() < 0.3),
          { phase: phases[Math.floor(random() * 4)], late: random() < 0.3 },
        ),
    );
    const takeovers = assign(1, ALL, some);
    const accepting = some.filter(({ phase, late }) =>
      phase === "ready" && !late
    );
    const open = new Set(accepting.flatMap((child) => child.queues));
    for (const { age, queue } of takeovers) {
      assert.ok(accepting.some((child) => child.age === age));
      assert.not(open.has(queue), "an open queue was given away");
      open.add(queue);
    }
    assert.is(open.size === 4, accepting.length > 0 || open.size === 4);
  }
});

const two = { id: 1, queues: 2, fresh: true };

queues("advance() gives each worker of a new pool its own queue only", () => {
  const pool = driveReady({ wanted: 3, sockets: { ...two, queues: 3 } });
  assert.equal(pool.state.children.map((child) => child.queues), [
    [0],
    [1],
    [2],
  ]);
});

queues(
  "advance() covers the queue of a worker that died before it was ready",
  () => {
    const pool = drive({ sockets: two });
    pool.ready(1);
    assert.equal(pool.exit(2, { code: 1 }), [
      "spawn 3 in 2 of 1",
      "open 1 queue 1",
    ]);
  },
);

queues("advance() covers every queue that others have listened on", () => {
  const pool = drive({ sockets: { ...two, fresh: false } });
  assert.equal(pool.ready(1), ["open 1 queue 1"]);
  assert.equal(pool.ready(2), []);
});

queues("advance() opens a crashed worker's queue elsewhere at once", () => {
  const pool = driveReady({ sockets: two });
  assert.equal(pool.exit(2, { code: 1 }), [
    "spawn 3 in 2 of 1",
    "open 1 queue 1",
  ]);
  pool.ready(3);
  assert.equal(pool.state.children.map((child) => child.queues), [[0, 1], [1]]);
});

queues("advance() keeps the queues of a pool that shrinks", () => {
  const pool = driveReady({ sockets: two });
  assert.equal(pool.step({ type: "resize", by: -1 }), [
    "drain 2",
    "open 1 queue 1",
  ]);
});

queues(
  "advance() leaves queues as they are in a reload on the same sockets",
  () => {
    const pool = driveReady({ sockets: two });
    pool.exit(2, { code: 1 });
    pool.ready(3);
    pool.rollOut();
    assert.equal(pool.ready(4), ["drain 1", "spawn 5 in 2 of 2"]);
    assert.equal(pool.ready(5), ["drain 3"]);
    assert.equal(
      pool.state.children.filter(({ phase }) => phase === "ready")
        .map((child) => child.queues),
      [[0], [1]],
    );
  },
);

queues("advance() covers old and new addresses while both are served", () => {
  const pool = driveReady({ sockets: two });
  pool.rollOut({ sockets: { id: 2, queues: 3, fresh: true } });
  assert.equal(pool.ready(3), [
    "drain 1",
    "spawn 4 in 2 of 2",
    "open 2 queue 0",
  ]);
});

queues(
  "advance() covers an address that a reload keeps beside a new one",
  () => {
    const pool = driveReady({ sockets: two });
    pool.rollOut({ wanted: 1, sockets: { id: 2, queues: 2, fresh: false } });
    assert.equal(pool.ready(3), ["drain 1", "drain 2", "open 3 queue 1"]);
  },
);

/** A pool of three whose reload has added two queues to its own. */
function grow() {
  const pool = driveReady({ wanted: 2, sockets: two });
  pool.rollOut({ wanted: 4, sockets: { ...two, queues: 4 } });
  return pool;
}

queues("advance() opens no new queue before all workers have it", () => {
  const pool = grow();
  assert.equal(pool.ready(4, 5), []);
  assert.equal(pool.state.opened[1], [0, 1]);
  pool.ready(3);
  assert.equal(pool.state.opened[1], [0, 1]);
});

queues("advance() gives each worker its queue when all have been added", () => {
  const pool = grow();
  pool.ready(4, 5, 3);
  const orders = pool.ready(6);
  assert.equal(orders.filter((order) => !order.startsWith("drain")), [
    "open 4 queue 2",
    "open 5 queue 3",
    "release 4 queue 0",
    "release 5 queue 1",
  ]);
  pool.exit(1);
  pool.exit(2);
  assert.equal(pool.state.children.map((child) => child.queues), [
    [0],
    [2],
    [3],
    [1],
  ]);
  assert.equal(pool.exit(5, { code: 1 }), [
    "spawn 7 in 4 of 2",
    "open 3 queue 3",
  ]);
});

queues("advance() goes on with the old queues where a reload fails", () => {
  const pool = grow();
  pool.ready(4);
  pool.exit(5, { code: 1 });
  assert.is(pool.state.sockets.queues, 2);
  assert.equal(pool.state.opened[1], [0, 1]);
});

queues.run();
