/** Simulated canaries: which verdict comes, and after how many seconds. */
import {
  CANARY_RULES,
  judgeCanary,
} from "../../../../src/arbiter/pool/rules/canary.ts";
import type { Counts } from "../../../../src/arbiter/pool/rules/canary.ts";
import { randomFrom } from "../../../support/random.ts";

export interface Trial {
  /** Requests a second of the whole pool. */
  readonly perSecond: number;
  /** Which share of them the canary gets. */
  readonly share: number;
  /** Rates of failures. */
  readonly old: number;
  readonly fresh: number;
  readonly seconds?: number;
}

export interface Verdicts {
  readonly good: number;
  readonly bad: number;
  readonly thin: number;
  /** Trials that were bad within ten seconds. */
  readonly soon: number;
}

/** Runs so many trials, each judged once a second. */
export function tryCanaries(
  trial: Trial,
  { trials, seed }: { readonly trials: number; readonly seed: number },
): Verdicts {
  const random = randomFrom(seed);
  const verdicts = { good: 0, bad: 0, thin: 0, soon: 0 };
  for (let count = 0; count < trials; count++) {
    const { verdict, second } = tryCanary(trial, random);
    verdicts[verdict]++;
    if (verdict === "bad" && second <= 10) verdicts.soon++;
  }
  return verdicts;
}

function tryCanary(
  { perSecond, share, old, fresh, seconds = 30 }: Trial,
  random: () => number,
): { verdict: "good" | "bad" | "thin"; second: number } {
  const rules = { ...CANARY_RULES, forMs: seconds * 1000 };
  let counts = {
    old: { requests: 0, failures: 0 },
    fresh: { requests: 0, failures: 0 },
  };
  for (let second = 1;; second++) {
    const took = draw(perSecond, share, random);
    counts = {
      old: add(counts.old, perSecond - took, old, random),
      fresh: add(counts.fresh, took, fresh, random),
    };
    const { verdict } = judgeCanary({
      ...counts,
      ageMs: second * 1000,
      silentMs: 0,
    }, rules);
    if (verdict !== "wait") return { verdict, second };
  }
}

function add(
  { requests, failures }: Counts,
  more: number,
  rate: number,
  random: () => number,
): Counts {
  return {
    requests: requests + more,
    failures: failures + draw(more, rate, random),
  };
}

/** How many of so many it hits. */
function draw(count: number, rate: number, random: () => number): number {
  let hits = 0;
  for (let one = 0; one < count; one++) if (random() < rate) hits++;
  return hits;
}
