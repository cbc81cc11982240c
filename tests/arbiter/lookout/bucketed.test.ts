import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { added, p99Of } from "../../../src/arbiter/lookout/bucketed.ts";

const bucketed = suite("counts in buckets");

const bounds = [10, 100, 1000];

bucketed("p99Of() spreads those of a bucket evenly over it", () => {
  assert.is(p99Of({ bounds, counts: [100, 0, 0, 0] }), 9.9);
  // The 99th of a hundred is the 9th of the ten between 10 and 100 ms.
  assert.is(p99Of({ bounds, counts: [90, 10, 0, 0] }), 91);
  assert.is(p99Of({ bounds, counts: [0, 0, 200, 0] }), 991);
  assert.is(p99Of({ bounds, counts: [99, 0, 0, 1] }), 10);
});

bucketed("p99Of() gives the last bound for what is longer", () => {
  assert.is(p99Of({ bounds, counts: [0, 0, 0, 100] }), 1000);
  assert.is(p99Of({ bounds, counts: [90, 0, 0, 10] }), 1000);
});

bucketed("p99Of() does not know it of few, or without bounds", () => {
  assert.is(p99Of({ bounds, counts: [99, 0, 0, 0] }), undefined);
  assert.is(p99Of({ bounds, counts: [] }), undefined);
  assert.is(p99Of({ bounds: [], counts: [1000] }), undefined);
});

bucketed("added() adds what is in the same buckets", () => {
  const one = { bounds, counts: [1, 2, 3, 4] };
  assert.equal(added(undefined, one), one);
  assert.equal(added(one, { bounds, counts: [1, 0, 0, 1] }).counts, [
    2,
    2,
    3,
    5,
  ]);
  for (
    const others of [
      { bounds: [20], counts: [7, 0] },
      { bounds: [10, 100, 999], counts: [7, 0, 0, 0] },
    ]
  ) assert.equal(added(one, others), others);
});

bucketed.run();
