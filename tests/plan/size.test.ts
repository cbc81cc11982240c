import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { planSize } from "../../src/plan/size.ts";
import type { Settings } from "../../src/config/table/types.ts";

const size = suite("planSize()");

/** On a machine of four processors. */
function plan(workers: Settings["workers"]) {
  const { workers: start, range } = planSize(
    { workers, shrinkAfter: 30 },
    4,
  );
  if (range === undefined) return `${start}`;
  assert.is(range.patienceMs, 30_000);
  assert.is(start, range.min);
  return `${range.min} to ${range.max}`;
}

size("has no range where a number is given", () => {
  assert.is(plan(3), "3");
  assert.is(plan("auto"), "4");
});

size("takes auto for the processors, and digits at their word", () => {
  assert.is(plan({ min: 2, max: 8 }), "2 to 8");
  assert.is(plan({ min: 2, max: "auto" }), "2 to 4");
  assert.is(plan({ min: 6, max: "auto" }), "6 to 6");
  assert.is(plan({ min: "auto", max: 8 }), "4 to 8");
  assert.is(plan({ min: "auto", max: 2 }), "2 to 2");
});

size.run();
