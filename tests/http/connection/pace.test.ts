import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Pace } from "../../../src/http/connection/pace.ts";
import { defaultLimits } from "../../../src/http/h1/limits.ts";

const pace = suite("Pace");

function begin(now = 1000) {
  const made = new Pace();
  made.begin(now);
  return made;
}

pace("a body that is silent for its time is slow", () => {
  const limits = { ...defaultLimits, bodyMs: 2000 };
  const one = begin();
  assert.not.ok(one.isSlow(2999, limits));
  assert.ok(one.isSlow(3000, limits));
  one.note(1, 2500);
  assert.not.ok(one.isSlow(4499, limits));
  assert.ok(one.isSlow(4500, limits));
  assert.not.ok(one.isSlow(5500, { ...limits, bodyMs: 0 }), "it is no limit");
});

pace("after five seconds it has to come at its rate", () => {
  const limits = { ...defaultLimits, bodyMs: 0, bodyRate: 100 };
  const one = begin();
  assert.not.ok(one.isSlow(5999, limits));
  assert.ok(one.isSlow(6000, limits));
  one.note(400, 6000);
  assert.ok(one.isSlow(6000, limits));
  one.note(100, 6000);
  assert.not.ok(one.isSlow(6000, limits));
  assert.ok(one.isSlow(6010, limits));
});

pace("what came before it begins again counts for nothing", () => {
  const limits = { ...defaultLimits, bodyMs: 0, bodyRate: 100 };
  const one = begin();
  one.note(10_000, 6000);
  one.begin(7000);
  assert.not.ok(one.isSlow(11_999, limits));
  assert.ok(one.isSlow(12_000, limits));
});

pace.run();
