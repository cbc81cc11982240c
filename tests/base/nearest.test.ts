import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { didYouMean, nearest } from "../../src/base/nearest.ts";

const near = suite("nearest");

const names = ["workers", "timeout", "bootTimeout", "keepAlive", "pid", "bind"];
const pairs: readonly [string, string | undefined][] = [
  ["worker", "workers"],
  ["wrokers", "workers"],
  ["WORKERS", "workers"],
  ["keep_alive", "keepAlive"],
  ["--boot-timeuot", "bootTimeout"],
  ["binds", "bind"],
  ["pdi", "pid"],
  // Two that are swapped are one edit, and one more is too much.
  ["pdix", undefined],
  ["threads", undefined],
  ["x", undefined],
  ["", undefined],
];
for (const [name, found] of pairs) {
  near(`nearest() to "${name}" is ${found}`, () => {
    assert.is(nearest(name, names), found);
  });
}

near("nearest() takes the first of two that are as near", () => {
  assert.is(nearest("cat", ["bat", "hat"]), "bat");
});

near("didYouMean() is empty when nothing is near", () => {
  assert.is(didYouMean("worker", names), ", did you mean workers?");
  assert.is(didYouMean("threads", names), "");
});

near.run();
