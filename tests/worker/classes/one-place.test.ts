import type { PlacedRequest } from "../../../src/runtime/runtime.ts";
import { describeHold } from "../../../src/worker/classes/held-place.ts";
import { OnePlace } from "../../../src/worker/classes/one-place.ts";
import type { OnePlaceOptions } from "../../../src/worker/classes/one-place.ts";
import * as assert from "../../support/assert.ts";
import { FakeClock, settle } from "../../support/fake/clock.ts";
import { suite } from "../../support/suite.ts";

const place = suite("OnePlace");

/** A request. */
function asks(url = "/", answering = false): PlacedRequest {
  return { method: "GET", url, answering };
}

/** A place, what it has told, and things that want it. */
function begin(
  given: Partial<OnePlaceOptions> = {},
) {
  const clock = new FakeClock();
  const told: (boolean | number)[] = [];
  const long: [PlacedRequest, number][] = [];
  const one = new OnePlace({
    clock,
    onQueued: (count) => told.push(count),
    onLong: (request, ms) => long.push([request, ms]),
    ...given,
  });
  one.watch((free) => told.push(free));
  return {
    clock,
    one,
    take: () => told.splice(0),
    long,
    connection: {},
    request: asks("/one"),
    other: asks("/other"),
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

place("expect() keeps it for a moment at least, whoever sends nothing", () => {
  const { clock, one, take } = begin({ expectedMs: 8 });
  for (let count = 0; count < 20; count++) {
    one.expect({});
    take();
    clock.pass(1);
    assert.equal(take(), []);
    clock.pass(7);
    assert.equal(take(), [true]);
  }
});

place("a connection that ends by itself was not waited for in vain", () => {
  const { clock, one, take, request, connection } = begin();
  for (let count = 0; count < 20; count++) {
    const gone = {};
    one.expect(gone);
    clock.pass(20);
    one.leave(gone);
    clock.pass(20);
  }
  one.expect(connection);
  take();
  clock.pass(49);
  assert.equal(take(), []);
  assert.ok(one.take(request, connection));
});

place("a request that takes long was not waited for in vain", () => {
  const { clock, one, take, request, connection } = begin();
  const serve = () => {
    one.expect(connection);
    assert.ok(one.take(request, connection));
    clock.pass(100);
    one.leave(request);
  };
  for (let count = 0; count < 20; count++) serve();
  // One in vain among others counts as little, once.
  one.expect({});
  clock.pass(50);
  serve();
  one.expect(connection);
  take();
  clock.pass(49);
  assert.equal(take(), []);
  clock.pass(1);
  assert.equal(take(), [true]);
});

place("leave() gives the place to the one that waits longest", () => {
  const { one, take, request, other } = begin();
  const ran: string[] = [];
  assert.ok(one.take(request, {}));
  const gone = asks();
  for (
    const [waits, name] of [[other, "a"], [gone, "b"], [asks(), "c"]] as const
  ) {
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

place("a request that has the place for long is told of, once", () => {
  const { clock, one, connection, request, other, long } = begin();
  one.expect(connection);
  assert.ok(one.take(request, connection));
  clock.pass(9999);
  assert.equal(long, []);
  clock.pass(1);
  assert.equal(long, [[request, 10_000]]);
  one.leave(request);
  assert.ok(one.take(other, {}));
  clock.pass(60_000);
  assert.is(long.length, 1, "the log has read it");
});

place("one that has left is not told of, whatever comes later", () => {
  const { clock, one, request, other, long } = begin();
  assert.ok(one.take(request, {}));
  clock.pass(5000);
  one.leave(request);
  clock.pass(60_000);
  assert.equal(long, []);
  assert.ok(one.take(other, {}));
  clock.pass(10_000);
  assert.equal(long, [[other, 10_000]]);
});

place("requests that have it one after the other are not told of", () => {
  const { clock, one, request, other, long } = begin();
  for (let count = 0; count < 100; count++) {
    const [first, second] = [asks(), asks()];
    assert.ok(one.take(first, {}));
    one.wait(second, () => {});
    clock.pass(300);
    one.leave(first);
    clock.pass(300);
    one.leave(second);
  }
  assert.equal(long, []);
  // One that waited may have it for long too.
  assert.ok(one.take(request, {}));
  one.wait(other, () => {});
  clock.pass(9000);
  one.leave(request);
  clock.pass(20_000);
  assert.equal(long, [[other, 10_000]]);
});

place("describeHold() names the request, and what to do", () => {
  assert.is(
    describeHold(asks("/events?key=secret", true), 10_000),
    "GET /events has had the one place of this worker for 10 s, its answer goes on: what comes meanwhile waits for another worker; streams, slow clients and handlers that await are for -k async, see docs/worker-classes.md",
  );
  assert.match(describeHold(asks("/a"), 2500), /2\.5 s, it has no answer yet:/);
});

place("emptied() sees what came and went between two looks", async () => {
  for (const expected of [true, false]) {
    const clock = new FakeClock();
    const one = new OnePlace({ clock, onQueued() {} });
    let ended = false;
    void one.emptied(10_000).then(() => ended = true);
    const pass = async (ms: number) => {
      clock.pass(ms);
      await settle();
    };
    await pass(25);
    const [request, connection] = [asks(), {}];
    if (expected) one.expect(connection);
    assert.ok(one.take(request, connection));
    one.leave(request);
    await pass(25);
    await pass(25);
    assert.not(ended);
    await pass(25);
    assert.ok(ended);
    assert.equal(clock.due(), [], "nothing is waited for any more");
  }
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
