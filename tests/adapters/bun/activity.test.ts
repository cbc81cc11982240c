import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createActivity } from "../../../adapters/bun/activity.ts";

const activity = suite("activity");

/** An event loop that may stand still for 40 ms, and a clock that is moved by hand. */
function start() {
  const clock = { ms: 1000 };
  const { turns } = createActivity(40, () => clock.ms);
  return { clock, turns };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

activity("a loop that rested turns for the first request", async () => {
  const { clock, turns } = start();
  assert.ok(turns());
  await turn();
  clock.ms += 10_000;
  assert.ok(turns());
});

activity("a loop that stands still is told after its time", () => {
  const { clock, turns } = start();
  assert.ok(turns());
  clock.ms += 39;
  assert.ok(turns());
  clock.ms += 1;
  assert.not(turns());
  clock.ms += 10_000;
  assert.not(turns());
});

activity(
  "a loop that has turned is believed for 20 ms, then looked at",
  async () => {
    const { clock, turns } = start();
    turns();
    clock.ms += 100;
    await turn();
    assert.ok(turns());
    clock.ms += 19;
    assert.ok(turns());
    clock.ms += 1;
    assert.ok(turns(), "the look begins");
    clock.ms += 40;
    assert.not(turns());
    await turn();
    assert.ok(turns());
  },
);

activity("a server without requests is left to sleep", async () => {
  let looks = 0;
  const { turns } = createActivity(40, () => ++looks);
  turns();
  await turn();
  const seen = looks;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is(looks, seen);
});

activity.run();
