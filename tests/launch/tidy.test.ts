import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { tidyAfter } from "../../src/launch/tidy.ts";
import { FakeClock, settle } from "../support/fake/runtime.ts";

const tidying = suite("tidyAfter()");

function start() {
  const clock = new FakeClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  let times = 0;
  const one = tidyAfter(promise, { clock, tidy: () => void times++ });
  return { clock, resolve, one, times: () => times };
}

tidying("does it once, a moment after the start is over", async () => {
  const { clock, resolve, times } = start();
  clock.pass(5000);
  resolve();
  await settle();
  clock.pass(0);
  assert.is(times(), 0);
  clock.pass(5000);
  assert.is(times(), 1);
  assert.equal(clock.due(), []);
});

tidying("leaves no timer where corn ends before", async () => {
  const first = start();
  first.one.close();
  first.resolve();
  await settle();
  assert.equal(first.clock.due(), []);
  const second = start();
  second.resolve();
  await settle();
  second.one.close();
  assert.equal(second.clock.due(), []);
  second.clock.pass(5000);
  assert.is(second.times(), 0);
});

tidying.run();
