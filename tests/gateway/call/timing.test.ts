import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Timing } from "../../../src/gateway/call/timing.ts";
import { SEATS } from "../../../src/exchange/flight-record.ts";

const timing = suite("Timing");

timing("requests without a seat are known by numbers of their own", () => {
  const timing = new Timing();
  timing.begin(5);
  const first = timing.defer();
  timing.begin(7);
  const second = timing.defer();
  assert.ok(first > SEATS && second > SEATS && first !== second);
  assert.is(timing.end(second), 7);
  assert.is(timing.end(first), 5);
  assert.ok(Number.isNaN(timing.end(first)), "it has ended");
});

timing("ten thousand of them are timed at once, and more after those", () => {
  const timing = new Timing();
  timing.begin(1);
  const numbers = Array.from({ length: 10_001 }, () => timing.defer());
  assert.ok(Number.isNaN(timing.end(numbers[10_000]!)));
  assert.is(timing.end(numbers[9_999]!), 1);
  assert.is(timing.end(timing.defer()), 1);
});

timing("what was noted is told once, failures of the server beside it", () => {
  const timing = new Timing();
  timing.note(3, 499);
  timing.note(3, 500);
  timing.note(NaN, 503);
  timing.note(1, undefined);
  const { durations, failed } = timing.take();
  assert.is(failed, 2);
  assert.is(durations.reduce((sum, [, count]) => sum + count, 0), 3);
  assert.equal(timing.take(), { durations: [], failed: 0 });
});

timing("where nobody looks any more, nothing is kept", () => {
  const timing = new Timing();
  timing.begin(1);
  const number = timing.defer();
  timing.note(3, 500);
  timing.rest();
  assert.ok(Number.isNaN(timing.end(number)));
  assert.equal(timing.take(), { durations: [], failed: 0 });
});

timing.run();
