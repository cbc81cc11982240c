import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { watchLimits } from "../../../src/worker/recycle.ts";
import { FakeClock } from "../../support/fake/runtime.ts";

const recording = suite("recording");

recording("no memory limit counts while a snapshot takes memory", () => {
  const clock = new FakeClock();
  let holds = true;
  let hard = 0;
  watchLimits({
    clock,
    self: { memory: () => 300 },
    limits: { maxLifetimeMs: 0, maxMemory: 100, maxMemoryHard: 200 },
    holds: () => holds,
    onLimit() {},
    onHardLimit: () => void hard++,
  });
  clock.pass(60_000);
  assert.is(hard, 0);
  holds = false;
  clock.pass(1000);
  assert.is(hard, 1);
});

recording.run();
