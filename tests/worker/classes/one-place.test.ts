import { OnePlace } from "../../../src/worker/classes/one-place.ts";
import * as assert from "../../support/assert.ts";
import { FakeClock } from "../../support/fake/clock.ts";
import { suite } from "../../support/suite.ts";

const place = suite("OnePlace");

/** A place, what it has told, and things that want it. */
function begin() {
  const clock = new FakeClock();
  const told: (boolean | number)[] = [];
  const one = new OnePlace({ clock, onQueued: (count) => told.push(count) });
  one.watch((free) => told.push(free));
  return {
    clock,
    one,
    take: () => told.splice(0),
    connection: {},
    request: {},
    other: {},
  };
}

place("expect() keeps the place for a request, for a moment", () => {
  const { clock, one, take, connection, request, other } = begin();
  one.expect(connection);
  assert.equal(take(), [false]);
  assert.not.ok(one.take(other, {}), "another's");
  assert.ok(one.take(request, connection));
  clock.pass(1000);
  assert.equal(take(), [], "it has it for as long as it likes");
  one.leave(request);
  assert.equal(take(), [true]);

  one.expect(connection);
  clock.pass(50);
  assert.equal(take(), [false, true]);
  assert.ok(one.take(other, {}), "it is free for any");
});

place("expect() keeps it for less where many send nothing", () => {
  const { clock, one, take, request, connection } = begin();
  /** How long it is kept. */
  const kept = () => {
    one.expect({});
    take();
    for (let ms = 1;; ms++) {
      clock.pass(1);
      if (take().includes(true)) return ms;
    }
  };
  const come = () => {
    one.expect(connection);
    assert.ok(one.take(request, connection));
    one.leave(request);
  };
  assert.is(kept(), 50);
  come();
  come();
  assert.is(kept(), 50, "one among others is no matter");
  const times = Array.from({ length: 200 }, () => {
    come();
    return kept();
  });
  const all = times.reduce((sum, ms) => sum + ms);
  assert.ok(all < 1000, `${all} ms for 200 beside as many that send`);
  for (let count = 0; count < 10; count++) come();
  assert.is(kept(), 50, "as before");
});

place("leave() gives the place to the one that waits longest", () => {
  const { one, take, request, other } = begin();
  const ran: string[] = [];
  assert.ok(one.take(request, {}));
  const gone = {};
  for (const [waits, name] of [[other, "a"], [gone, "b"], [{}, "c"]] as const) {
    assert.not.ok(one.take(waits, {}));
    one.wait(waits, () => ran.push(name));
  }
  assert.equal(take(), [false, 1, 2, 3]);
  one.leave(gone);
  one.leave(request);
  assert.equal(ran, ["a"]);
  one.leave(request);
  one.leave(other);
  assert.equal(ran, ["a", "c"]);
  assert.equal(take(), [2, 1, 0], "it was never free");
});

place("expect() leaves the place to a request that has it", () => {
  const { clock, one, take, connection, request } = begin();
  assert.ok(one.take(request, {}));
  one.expect(connection);
  clock.pass(1000);
  one.leave(connection);
  assert.equal(take(), [false]);
  one.leave(request);
  assert.equal(take(), [true]);
});

place("emptied() waits until nothing more comes, or for so long", async () => {
  const { clock, one, connection, request } = begin();
  let ends = 0;
  const pass = async (ms: number) => {
    for (let step = 0; step < ms; step += 5) {
      clock.pass(5);
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  void one.emptied(10_000).then(() => ends++);
  await pass(40);
  one.expect(connection);
  one.take(request, connection);
  await pass(1000);
  assert.is(ends, 0);
  one.leave(request);
  await pass(20);
  assert.is(ends, 0);
  await pass(100);
  assert.is(ends, 1);

  one.take(request, {});
  void one.emptied(500).then(() => ends++);
  await pass(450);
  assert.is(ends, 1);
  await pass(100);
  assert.is(ends, 2);
});

place.run();
