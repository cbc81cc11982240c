import { cutDrains, drainingOf } from "../../../src/arbiter/pool/drains.ts";
import type { Child, Draft } from "../../../src/arbiter/pool/state.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";
import { driveReady } from "./drive.ts";

const drains = suite("drains");

/** A pool of one in which such slots' workers drain, the first since longest. */
function draft(...slots: number[]): Draft {
  const { state } = driveReady({ wanted: 1 });
  const [one] = state.children as [Child];
  const children = slots.map((slot, index): Child => ({
    ...{ ...one, age: 10 + index, slot, phase: "draining", since: index },
  }));
  return { ...state, children: [one, ...children], actions: [] };
}

drains("cutDrains() leaves as many as the pool's size allows twice", () => {
  const few = draft(1, 1);
  cutDrains(few, { now: 100, random: () => 0 });
  assert.equal(few.actions, []);
  const many = draft(1, 1, 1);
  cutDrains(many, { now: 100, random: () => 0 });
  assert.equal(drainingOf(many).map(({ age }) => age), [11, 12]);
});

drains("cutDrains() counts anew without the one of the highest slot", () => {
  // Six may drain while slot 3 does, and two without it.
  const pool = draft(3, 1, 1, 1, 1, 1, 1);
  cutDrains(pool, { now: 100, random: () => 0 });
  assert.equal(drainingOf(pool).map(({ age }) => age), [15, 16]);
});

drains("drainingOf() begins with the one that drains for longest", () => {
  const pool = draft(1, 1, 1);
  const children = [...pool.children].reverse();
  assert.equal(drainingOf({ ...pool, children }).map(({ age }) => age), [
    10,
    11,
    12,
  ]);
});

drains.run();
