import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import {
  bucketOf,
  DURATION_BUCKETS,
  Durations,
} from "../../src/exchange/durations.ts";

const durations = suite("durations");

durations("bucketOf() has a place for each number", () => {
  for (const ms of [-1, 0, NaN, 1e-9]) assert.is(bucketOf(ms), 0);
  for (const ms of [1e12, Infinity]) {
    assert.is(bucketOf(ms), DURATION_BUCKETS - 1);
  }
  const rising = [0.001, 0.0011, 0.5, 1, 1.1, 99, 110, 3_600_000].map(bucketOf);
  assert.equal([...new Set(rising)].sort((a, b) => a - b), rising);
  assert.is(rising[0], 0);
});

durations("within() tells any part to within 5 %", () => {
  const counted = new Durations();
  assert.is(counted.within(0.5), undefined);
  for (let ms = 1; ms <= 1000; ms++) counted.note(ms);
  for (const [part, ms] of [[0.5, 500], [0.99, 990], [0.001, 1]] as const) {
    const told = counted.within(part) ?? 0;
    assert.ok(Math.abs(told / ms - 1) < 0.05, `${part}: ${told}`);
  }
});

durations("take() gives what add() takes, once", () => {
  const [one, other] = [new Durations(), new Durations()];
  one.note(5);
  one.note(5);
  one.note(70);
  const taken = one.take();
  assert.equal(taken.map(([, count]) => count), [2, 1]);
  assert.equal(one.take(), []);
  other.add(taken);
  other.add([[DURATION_BUCKETS + 5, 1]]);
  assert.equal(other.take(), taken);
});

durations.run();
