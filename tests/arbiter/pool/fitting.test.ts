import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { driveReady, NO_QUEUES } from "./drive.ts";
import type { Driven } from "./drive.ts";

const RANGE = { min: 2, max: 4, patienceMs: 60_000 };

const CALM = { busy: 0, waiting: 0, queued: 0 };
const FULL = { busy: 1, waiting: 3, queued: 0 };

/** Looks once a second; gives all orders. */
function look(pool: Driven, seconds: number, sample = FULL): string[] {
  const orders: string[] = [];
  for (let second = 0; second < seconds; second++) {
    orders.push(...pool.wait(1000));
    for (const { age } of pool.state.children) pool.beat(age);
    orders.push(...pool.step({ type: "load", sample }));
  }
  return orders;
}

const range = suite("a pool with a range");

range("grows while connections wait, one that boots at a time", () => {
  const pool = driveReady({ wanted: 2, range: RANGE });
  assert.equal(look(pool, 2), ["spawn 3 in 3 of 1"]);
  assert.is(pool.lastText(), "Pool size is now 3: connections wait");
  assert.equal(look(pool, 5), []);
  pool.ready(3);
  assert.equal(look(pool, 1), ["spawn 4 in 4 of 1"]);
  pool.ready(4);
  assert.equal(look(pool, 9), [], "no more than four");
});

range("shrinks by the highest slot, one at a time", () => {
  const pool = driveReady({ wanted: 4, range: RANGE });
  assert.equal(look(pool, 60, CALM), []);
  assert.equal(look(pool, 1, CALM), ["drain 4"]);
  assert.is(pool.lastText(), "Pool size is now 3: fewer are enough");
  pool.exit(4);
  assert.equal(look(pool, 60, CALM), []);
  assert.equal(look(pool, 1, CALM), ["drain 3"]);
  pool.exit(3);
  assert.equal(look(pool, 200, CALM), []);
});

range("says once that memory is short", () => {
  const pool = driveReady({ wanted: 2, range: RANGE });
  const short = { ...FULL, rssEach: 100, memoryFree: 50 };
  look(pool, 2, short);
  assert.is(
    pool.lastText(),
    "Pool size stays 2: connections wait, but there is no memory for one more",
  );
  look(pool, 9, short);
  assert.equal(pool.notes, []);
});

range("reads how much memory is free only where it would grow", () => {
  const pool = driveReady({ wanted: 2, range: RANGE });
  let reads = 0;
  const sample = {
    ...CALM,
    rssEach: 100,
    get memoryFree() {
      reads++;
      return 1000;
    },
  };
  pool.step({ type: "load", sample });
  assert.is(reads, 0);
});

range("stays as it was set by hand until the load may decide again", () => {
  const pool = driveReady({ wanted: 2, range: RANGE });
  assert.equal(pool.step({ type: "resize", by: 1 }), ["spawn 3 in 3 of 1"]);
  assert.is(
    pool.lastText(),
    "Pool size is now 3, whatever the load, until a reload",
  );
  pool.ready(3);
  assert.equal(look(pool, 90, CALM), []);
  pool.step({ type: "scale", to: "auto" });
  assert.equal(look(pool, 61, CALM), ["drain 3"]);
});

range("stays as it was set by hand during a roll-out", () => {
  const pool = driveReady({ wanted: 2, range: RANGE });
  pool.rollOut({ range: RANGE });
  pool.step({ type: "scale", to: 3 });
  for (let age = 3; age <= 8; age++) pool.ready(age);
  assert.is(pool.state.rollout, undefined);
  assert.is(pool.state.wanted, 3);
  assert.is(pool.state.fixed, true);
  pool.close(1, 2, 3);
  pool.step({ type: "reload" });
  pool.rollOut({ range: RANGE });
  assert.is(pool.state.rollout?.fixed, false);
});

range("may be left by hand, until the load decides again", () => {
  const pool = driveReady({ wanted: 2, range: RANGE });
  pool.step({ type: "scale", to: 6 });
  pool.ready(3, 4, 5, 6);
  assert.equal(look(pool, 9, CALM), []);
  pool.step({ type: "scale", to: "auto" });
  assert.equal(look(pool, 1, CALM), ["drain 5", "drain 6"]);
  assert.is(pool.lastText(), "Pool size is now 4: 2 to 4 are set");
});

range("comes and goes with a reload", () => {
  const pool = driveReady({ wanted: 1 });
  assert.equal(look(pool, 9), [], "without a range");
  pool.rollOut({ wanted: 1, range: { ...RANGE, min: 1 } });
  pool.ready(2);
  pool.exit(1);
  assert.equal(look(pool, 2), ["spawn 3 in 2 of 2"]);
  pool.ready(3);
  pool.rollOut({ wanted: 2, sockets: NO_QUEUES });
  pool.ready(4);
  pool.ready(5);
  pool.exit(2);
  pool.exit(3);
  assert.equal(look(pool, 9), []);
});

range("is left alone by a reload that goes on", () => {
  const pool = driveReady({ wanted: 2, range: RANGE });
  pool.rollOut({ range: RANGE });
  assert.equal(look(pool, 9), []);
  pool.ready(3);
  assert.equal(look(pool, 9), []);
});

range("changes nothing while it is paused, or stops", () => {
  const paused = driveReady({ wanted: 2, range: RANGE });
  paused.step({ type: "pause" });
  assert.equal(look(paused, 5), []);
  const stopped = driveReady({ wanted: 2, range: RANGE });
  stopped.step({ type: "stop", mode: "graceful" });
  assert.equal(look(stopped, 5), []);
});

range.run();
