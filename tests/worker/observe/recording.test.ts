import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { watchLimits } from "../../../src/worker/recycle.ts";
import { createHost } from "../../../src/worker/observe/worker-host.ts";
import { Recording } from "../../../src/worker/observe/recording.ts";
import {
  FakeClock,
  FakeLink,
  FakeRuntime,
} from "../../support/fake/runtime.ts";

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

recording("a worker without threads records none of them", async () => {
  const link = new FakeLink();
  const host = createHost(new FakeRuntime(), link);
  await new Recording(host, { resting: false }).take({
    ...{ type: "record", id: 3, what: "heap", file: "/f", ms: 0, thread: 2 },
  });
  assert.equal(link.of("recorded"), [{
    ...{ type: "recorded", id: 3 },
    error: "the worker has no threads: leave out --thread",
  }]);
});

recording.run();
