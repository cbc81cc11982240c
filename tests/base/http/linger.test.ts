import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Linger } from "../../../src/base/http/linger.ts";
import { FakeClock } from "../../support/fake/runtime.ts";

const lingering = suite("Linger");

function begin({ hurried = false } = {}) {
  const clock = new FakeClock();
  let over = 0;
  const linger = new Linger({
    clock,
    hurried: () => hurried,
    onOver: () => over++,
  });
  return { clock, linger, over: () => over };
}

lingering("is over when a client was silent for five seconds", () => {
  const { clock, over } = begin();
  clock.pass(4999);
  assert.is(over(), 0);
  clock.pass(1);
  assert.is(over(), 1);
  clock.pass(60_000);
  assert.is(over(), 1);
});

lingering("listens to one that sends for half a minute", () => {
  const { clock, linger, over } = begin();
  for (let second = 0; second < 29; second++) {
    linger.heard(1);
    clock.pass(1000);
  }
  assert.is(over(), 0);
  linger.heard(1);
  clock.pass(1000);
  assert.is(over(), 1);
});

lingering("is over after 64 MiB", () => {
  const { linger, over } = begin();
  for (let read = 0; read < 64; read++) linger.heard(2 ** 20);
  assert.is(over(), 0);
  linger.heard(1);
  linger.heard(1);
  assert.is(over(), 1);
});

lingering("is over after two seconds where connections should end", () => {
  const { clock, linger, over } = begin({ hurried: true });
  linger.heard(1);
  clock.pass(1750);
  assert.is(over(), 0);
  linger.heard(1);
  clock.pass(250);
  assert.is(over(), 1);
});

lingering("counts a loop that stood still as one look", () => {
  const { clock, linger, over } = begin();
  clock.pass(4500);
  // What waits in the kernel meanwhile is read right after.
  clock.block(60_000);
  clock.pass(0);
  assert.is(over(), 0);
  linger.heard(1);
  clock.pass(4999);
  assert.is(over(), 0);
});

lingering("says nothing once it is closed", () => {
  const { clock, linger, over } = begin();
  linger.close();
  clock.pass(60_000);
  assert.is(over(), 0);
});

lingering.run();
