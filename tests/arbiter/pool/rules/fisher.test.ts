import { suite } from "../../../support/suite.ts";
import * as assert from "../../../support/assert.ts";
import { anySeed, randomFrom } from "../../../support/random.ts";
import {
  chanceOf,
  logFactorial,
} from "../../../../src/arbiter/pool/rules/fisher.ts";
import type { Counts } from "../../../../src/arbiter/pool/rules/fisher.ts";

const fisher = suite("chanceOf()");

function choose(all: number, chosen: number): bigint {
  if (chosen < 0 || chosen > all) return 0n;
  let ways = 1n;
  for (let one = 1; one <= chosen; one++) {
    ways = ways * BigInt(all - chosen + one) / BigInt(one);
  }
  return ways;
}

/** The same in whole numbers. */
function exactly(fresh: Counts, old: Counts): number {
  const all = fresh.requests + old.requests;
  const failed = fresh.failures + old.failures;
  let ways = 0n;
  for (let count = fresh.failures; count <= fresh.requests; count++) {
    ways += choose(failed, count) *
      choose(all - failed, fresh.requests - count);
  }
  const scale = 10n ** 30n;
  return Number(ways * scale / choose(all, fresh.requests)) / 1e30;
}

function assertNear(given: number, right: number, text: string): void {
  const near = Math.abs(given - right) <= 1e-10 * Math.max(right, 1e-12);
  assert.ok(near, `${text}: ${given}, not ${right}`);
}

fisher("knows the lady who tastes tea", () => {
  const chance = chanceOf(
    { requests: 4, failures: 3 },
    { requests: 4, failures: 1 },
  );
  assertNear(chance, 17 / 70, "3 of 4");
});

fisher("is what whole numbers give", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  for (let round = 0; round < 300; round++) {
    const draw = (most: number) => Math.floor(random() * (most + 1));
    const [one, other] = [draw(60), draw(200)];
    const fresh = { requests: one, failures: draw(one) };
    const old = { requests: other, failures: draw(other) };
    const text = `SEED=${seed} ${JSON.stringify({ fresh, old })}`;
    assertNear(chanceOf(fresh, old), exactly(fresh, old), text);
  }
});

fisher("is certain of none, and of nothing", () => {
  const none = { requests: 0, failures: 0 };
  assert.is(chanceOf(none, none), 1);
  assert.is(chanceOf({ requests: 9, failures: 0 }, none), 1);
  assert.is(chanceOf({ requests: 9, failures: 9 }, none), 1);
});

fisher("stays sound for counts of days", () => {
  const old = { requests: 3e9, failures: 3e6 };
  const chance = (failures: number) =>
    chanceOf({ requests: 1e9, failures }, old);
  // The normal distribution's tails; a quarter of all failures is expected.
  const tails = { 1.001e6: 0.1932, 1.002e6: 0.0417, 1.005e6: 7.4e-6 };
  for (const [failures, tail] of Object.entries(tails)) {
    const given = chance(Number(failures));
    assert.ok(Math.abs(given / tail - 1) < 0.05, `${failures}: ${given}`);
  }
  assert.ok(Math.abs(chance(1e6) - 0.5) < 0.01, `${chance(1e6)}`);
  assert.ok(chance(0.99e6) > 0.999 && chance(0.99e6) <= 1, "few");
  // So far from the peak each term is zero.
  assert.equal([chance(0.5e6), chance(2e6)], [1, 0]);
});

fisher("logFactorial() is exact", () => {
  let sum = 0;
  for (let n = 0; n <= 500; n++) {
    if (n > 1) sum += Math.log(n);
    const off = Math.abs(logFactorial(n) - sum);
    assert.ok(off < 1e-13 * Math.max(1, sum), `${n}!: off by ${off}`);
  }
});

fisher.run();
