import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  afterFailure,
  FRESH_SLOT,
  STABLE_MS,
} from "../../../src/arbiter/pool/backoff.ts";

const backoff = suite("backoff");

const even = { now: 1000, random: () => 0.5 };

/** The waits after failures that follow each other. */
function waits(count: number, random: () => number): number[] {
  let slot = FRESH_SLOT;
  return Array.from({ length: count }, () => {
    slot = afterFailure(slot, 0, { now: 0, random });
    return slot.notBefore;
  });
}

backoff("afterFailure() answers the first failure at once", () => {
  assert.equal(afterFailure(FRESH_SLOT, 0, even), {
    failures: 1,
    notBefore: 1000,
  });
});

backoff("afterFailure() doubles the wait up to half a minute", () => {
  assert.equal(
    waits(11, () => 0.5),
    [0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  );
});

backoff("afterFailure() spreads a wait by a quarter to both sides", () => {
  assert.is(waits(9, () => 0)[8], 22_500);
  assert.ok((waits(9, () => 0.999)[8] as number) < 37_500);
  assert.ok((waits(9, () => 0.999)[8] as number) > 37_400);
});

backoff("afterFailure() starts anew for a worker that served long", () => {
  const slot = { failures: 7, notBefore: 0 };
  assert.is(afterFailure(slot, STABLE_MS, even).failures, 1);
  assert.is(afterFailure(slot, STABLE_MS - 1, even).failures, 8);
});

backoff(
  "afterFailure() waits a second at most for a worker that served for one",
  () => {
    const slot = { failures: 20, notBefore: 0 };
    assert.is(afterFailure(slot, 1000, even).notBefore, 2000);
    assert.is(afterFailure(slot, 999, even).notBefore, 31_000);
  },
);

backoff("afterFailure() stays finite after thousands of failures", () => {
  const { notBefore } = afterFailure(
    { failures: 5000, notBefore: 0 },
    0,
    even,
  );
  assert.is(notBefore, 31_000);
});

backoff.run();
