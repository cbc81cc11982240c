import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { LastTold } from "../../../src/arbiter/figures/last-told.ts";
import type { FiguresMessage } from "../../../src/protocol/messages.ts";
import type { PoolState } from "../../../src/arbiter/pool/state.ts";
import { figuresOf } from "../../support/fake/figures.ts";

const told = suite("LastTold");

/** A pool with children in these slots, by their ages from 1. */
function poolOf(wanted: number, ...slots: readonly number[]): PoolState {
  const children = slots.map((slot, index) => ({
    ...{ age: index + 1, slot, phase: "ready", late: false },
  }));
  return { wanted, children } as unknown as PoolState;
}

function begin() {
  const last = new LastTold();
  return {
    last,
    tell: (age: number, slot: number, given: object, at: number) =>
      last.take({ age, slot }, figuresOf(given) as FiguresMessage, at),
  };
}

told("a loop is as busy as it was since it told before", () => {
  const { last, tell } = begin();
  const busy = () => last.list(poolOf(1, 1), 9000)[0]?.busy;
  tell(1, 1, { busyMs: 900 }, 1000);
  assert.is(busy(), undefined, "since when is not known");
  tell(1, 1, { busyMs: 500 }, 3000);
  assert.is(busy(), 0.25);
  tell(1, 1, { busyMs: 5000 }, 4000);
  assert.is(busy(), 1);
  tell(1, 1, { busyMs: 5 }, 4000);
  assert.is(busy(), undefined, "no time has passed");
  tell(1, 1, {}, 5000);
  assert.is(busy(), undefined, "its runtime does not tell");
});

told(
  "of two in a slot the younger one is as busy, and both take memory",
  () => {
    const { last, tell } = begin();
    for (const at of [1000, 2000]) {
      tell(1, 1, { busyMs: 100, rss: 30, open: 1, queued: 2 }, at);
      tell(2, 1, { busyMs: 900, rss: 40, open: 3, queued: 4 }, at);
    }
    const [one] = last.list(poolOf(1, 1, 1), 2000);
    assert.equal([one?.busy, one?.rss, one?.open, one?.queued], [
      0.9,
      70,
      4,
      6,
    ]);
    last.forget(2);
    assert.is(last.list(poolOf(1, 1), 2000)[0]?.busy, 0.1);
  },
);

told("slots are told in their order, those too that are to come", () => {
  const { last } = begin();
  const slots = last.list(poolOf(3, 5, 4, 1), 0).map(({ slot, up }) =>
    `${slot} ${up ? "up" : "down"}`
  );
  assert.equal(slots, ["1 up", "2 down", "3 down", "4 up", "5 up"]);
});

told("the longest lag of a slot is told for 15 seconds", () => {
  const { last, tell } = begin();
  tell(1, 1, { lagMs: 70 }, 1000);
  tell(1, 1, { lagMs: 9 }, 2000);
  tell(2, 2, { lagMs: 500 }, 2000);
  const lag = (now: number) => last.list(poolOf(1, 1), now)[0]?.lagMs;
  assert.equal([2000, 16_000, 16_001, 17_001].map(lag), [70, 70, 9, 0]);
});

told("take() gives what has begun since, and never less than nothing", () => {
  const { tell } = begin();
  const begun = [5, 12, 3, 12, 13].map((requests, at) =>
    tell(1, 1, { requests }, at)
  );
  assert.equal(begun, [5, 7, 0, 0, 1]);
});

told.run();
