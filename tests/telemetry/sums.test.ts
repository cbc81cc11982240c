import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { countOne, moveCounts, Sums } from "../../src/telemetry/sums.ts";
import { anySeed, randomFrom } from "../support/random.ts";

const sums = suite("Sums");

const row = (counts: readonly number[], sumMs = 1) => ({
  method: "GET",
  status: 200,
  sumMs,
  counts,
});

sums("addRequests() adds by method and status", () => {
  const all = new Sums([5, 10]);
  all.addRequests([row([1, 0, 0]), { ...row([0, 0, 1]), status: 500 }], [
    5,
    10,
  ]);
  all.addRequests([row([1, 2, 0], 4)], [5, 10]);
  assert.equal([...all.requests()], [
    { method: "GET", status: 200, sumMs: 5, counts: [2, 2, 0] },
    { method: "GET", status: 500, sumMs: 1, counts: [0, 0, 1] },
  ]);
});

sums("moveCounts() puts a bucket into the first that holds all of it", () => {
  assert.equal(moveCounts([1, 2, 4], [5, 10], [5, 10]), [1, 2, 4]);
  assert.equal(moveCounts([1, 2, 4], [5, 10], [7]), [1, 6]);
  assert.equal(moveCounts([1, 2, 4], [5, 10], [1, 10, 20]), [0, 3, 0, 4]);
  assert.equal(moveCounts([3], [], [1]), [0, 3]);
});

/** How many are within each bound. */
function within(bounds: readonly number[], counts: readonly number[]) {
  let sum = 0;
  return new Map(bounds.map((bound, index) => [
    bound,
    sum += counts[index] as number,
  ]));
}

sums("other buckets make no count go back", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  const bounds = () =>
    [1, 2, 5, 10, 50, 100].filter(() => random() < 0.6).concat(500);
  for (let round = 0; round < 500; round++) {
    const all = new Sums(bounds());
    let before = new Map<number, number>();
    let total = 0;
    for (let step = 0; step < 6; step++) {
      const others = random() < 0.4 ? bounds() : all.bucketsMs;
      all.useBuckets(others);
      assert.equal(all.bucketsMs, others);
      const own = bounds();
      const counts = [...own, 0].map(() => Math.floor(random() * 5));
      all.addRequests([row(counts)], own);
      total += counts.reduce((sum, one) => sum + one, 0);
      const [{ counts: now } = row([])] = [...all.requests()];
      const after = within(all.bucketsMs, now);
      for (const [bound, count] of after) {
        assert.ok(count >= (before.get(bound) ?? 0), `seed ${seed}`);
      }
      assert.is(now.reduce((sum, one) => sum + one, 0), total);
      before = after;
    }
  }
});

sums("add() adds what another one has, through JSON", () => {
  const one = new Sums([5]);
  one.addRequests([row([1, 2])], [5]);
  one.slot(2).requests = 7;
  one.slot(2).restarts = 1;
  one.slot(2).cpuMs = 3;
  one.addRefused([["queue", 503, 2], ["request", 400, 1]]);
  one.addSockets(5, { "1001": 2 });
  countOne(one.exits, "crash");
  countOne(one.reloads, "done");
  countOne(one.logLines, "error");
  one.arbiterCpuMs = 10;
  const two = new Sums([5]);
  two.addRequests([row([1, 0])], [5]);
  two.slot(1).cpuMs = 4;
  countOne(two.exits, "crash");
  two.add(JSON.parse(JSON.stringify(one.record())));
  two.add(JSON.parse(JSON.stringify(one.record())));
  assert.equal([...two.requests()], [row([3, 4], 3)]);
  assert.equal(two.slots.get(1), { requests: 0, cpuMs: 4, restarts: 0 });
  assert.equal(two.slots.get(2), { requests: 14, cpuMs: 6, restarts: 2 });
  assert.is(two.exits.get("crash"), 3);
  assert.is(two.exits.get("reload"), 0);
  assert.is(two.reloads.get("done"), 2);
  assert.is(two.logLines.get("error"), 2);
  assert.is(two.arbiterCpuMs, 20);
  const told = () => [
    Object.fromEntries(two.refused),
    two.socketsOpened,
    Object.fromEntries(two.socketsClosed),
  ];
  const all = [{ "queue 503": 4, "request 400": 2 }, 10, { "1001": 4 }];
  assert.equal(told(), all);
  const { socketsOpened: _, socketsClosed: __, refused: ___, ...older } = one
    .record();
  two.add(older);
  assert.equal(told(), all, "an older arbiter knows of none");
});

sums.run();
