/** Judges the first worker of a new generation by what the others answer meanwhile. */
import { chanceOf } from "./fisher.ts";
import type { Counts } from "./fisher.ts";

export type { Counts } from "./fisher.ts";

/** When a canary is bad, and when there is too little to tell. Rates and chances are shares of 1. */
export interface CanaryRules {
  /** How long it is watched, in ms. */
  readonly forMs: number;
  /** It is bad where more than so many times as much fails as elsewhere, or less than one in so many succeeds of what would have, */
  readonly times: number;
  /** so many more failed than would have elsewhere, */
  readonly beyond: number;
  /** and chance alone would do so less often than this; for a time of `chanceMs`, and in proportion less for a longer one, which has more looks. */
  readonly chance: number;
  readonly chanceMs: number;
  /** The answers are enough where this rate of failures would have shown, or so many times what fails elsewhere. */
  readonly shown: number;
  readonly shownTimes: number;
  /** Without a sign for so long, in ms, while it has work, it is blocked. */
  readonly blockedMs: number;
  /** It is stuck where it answers nothing for so long, in ms, and for so many times what the others take. */
  readonly stuckMs: number;
  readonly stuckTimes: number;
}

/** The rules of every canary, without its time. */
export const CANARY_RULES: Omit<CanaryRules, "forMs"> = {
  times: 2,
  beyond: 5,
  chance: 0.0005,
  chanceMs: 30_000,
  shown: 0.02,
  shownTimes: 3,
  blockedMs: 2000,
  stuckMs: 5000,
  stuckTimes: 10,
};

/** What was answered, and how soon. */
export interface Answers extends Counts {
  /** The milliseconds within which 99 of 100 were answered; left out where that is not known. */
  readonly p99Ms?: number | undefined;
}

/** What has been open at a canary since it answered last. */
export interface Unanswered {
  /** For how long, in ms. */
  readonly ms: number;
  readonly open: number;
  /** Of the others: what is open, and what they answered meanwhile. */
  readonly oldOpen: number;
  readonly oldAnswered: number;
}

/** What is known of a canary. */
export interface CanarySample {
  /** Answers of the workers of before since the canary was ready. */
  readonly old: Answers;
  readonly fresh: Answers;
  /** Since it was ready, in ms. */
  readonly ageMs: number;
  /** How it has ended; undefined while it serves. */
  readonly ended?: string | undefined;
  /** For how long its event loop gave no sign while it had work, in ms. */
  readonly silentMs: number;
  /** Undefined where nothing is open, or was just answered. */
  readonly unanswered?: Unanswered | undefined;
}

/** `wait`: not known yet. `thin`: the time is over, and there were too few answers to tell. */
export interface Judgement {
  readonly verdict: "wait" | "good" | "bad" | "thin";
  readonly why: string;
}

/** A canary is slower where its p99 is more than so many times the others', */
const SLOWER_TIMES = 3;
/** and longer than this. */
const SLOWER_MS = 50;

/** How much slower its answers are; undefined where they are not. It is warned of, and does not make a canary bad. */
export function slownessOf(
  { old, fresh }: Pick<CanarySample, "old" | "fresh">,
): string | undefined {
  if (old.p99Ms === undefined || fresh.p99Ms === undefined) return undefined;
  if (fresh.p99Ms <= Math.max(SLOWER_MS, SLOWER_TIMES * old.p99Ms)) {
    return undefined;
  }
  const [mine, others] = [fresh.p99Ms, old.p99Ms].map((ms) => Math.round(ms));
  return `99 % of its answers took up to ${mine} ms, of the others' up to ${others} ms`;
}

export function judgeCanary(
  sample: CanarySample,
  rules: CanaryRules,
): Judgement {
  const { old, fresh, ageMs, ended, silentMs } = sample;
  if (ended !== undefined) return { verdict: "bad", why: ended };
  if (silentMs >= rules.blockedMs) {
    const seconds = (silentMs / 1000).toFixed(1);
    return {
      verdict: "bad",
      why: `its event loop is blocked for ${seconds} s`,
    };
  }
  const stuck = stuckText(sample, rules);
  if (stuck !== undefined) return { verdict: "bad", why: stuck };
  const figures = `${rateText(fresh)}, of the others' ${rateText(old)}`;
  const why = `of its answers ${figures} failed`;
  if (isBad(fresh, old, rules)) return { verdict: "bad", why };
  if (ageMs < rules.forMs) return { verdict: "wait", why };
  if (isBetter(fresh, old, rules)) return { verdict: "good", why };
  if (rateOf(old) > 1 - rules.shown) {
    const rest = `of the others' ${rateText(old)} failed`;
    return {
      verdict: "thin",
      why: `too few good answers to compare with: ${rest}`,
    };
  }
  const shown = leastShown(fresh.requests, old, rules);
  return shown <= Math.max(rules.shown, rules.shownTimes * rateOf(old))
    ? { verdict: "good", why }
    : { verdict: "thin", why: thinText({ old, fresh, shown }) };
}

function isBad(fresh: Counts, old: Counts, rules: CanaryRules): boolean {
  // Nothing can be said without something to compare with.
  if (old.requests === 0 || fresh.requests === 0) return false;
  const rate = rateOf(old);
  const { times, beyond } = rules;
  // Of a rate of a half and more there is no twice as much.
  return rateOf(fresh) > Math.min(times * rate, 1 - (1 - rate) / times) &&
    fresh.failures - fresh.requests * rate >= beyond &&
    chanceOf(fresh, old) < chanceIn(rules);
}

/** True where the others fail more often, and not by chance: what mends an app that fails is no worse. */
function isBetter(fresh: Counts, old: Counts, rules: CanaryRules): boolean {
  return fresh.requests > 0 && old.requests > 0 &&
    chanceOf(old, fresh) < chanceIn(rules);
}

function chanceIn({ chance, chanceMs, forMs }: CanaryRules): number {
  return chance * Math.min(1, chanceMs / forMs);
}

/** Why it is stuck: what it has in hand stays open, as chance would not have it where the others answer. */
function stuckText(
  { unanswered, old }: CanarySample,
  rules: CanaryRules,
): string | undefined {
  if (unanswered === undefined) return undefined;
  const { ms, open, oldOpen, oldAnswered } = unanswered;
  const { stuckMs, stuckTimes } = rules;
  if (ms < Math.max(stuckMs, stuckTimes * (old.p99Ms ?? 0))) return undefined;
  const fresh = { requests: open, failures: open };
  const others = { requests: oldAnswered + oldOpen, failures: oldOpen };
  if (!isBad(fresh, others, rules)) return undefined;
  const seconds = (ms / 1000).toFixed(1);
  return `it has answered nothing for ${seconds} s with ${open} requests open, the others ${oldAnswered} meanwhile`;
}

/** The least rate of failures that would have been bad; Infinity where none would. */
function leastShown(
  requests: number,
  old: Counts,
  rules: CanaryRules,
): number {
  if (!isBad({ requests, failures: requests }, old, rules)) return Infinity;
  let [good, bad] = [0, requests];
  while (bad - good > 1) {
    const failures = Math.floor((good + bad) / 2);
    if (isBad({ requests, failures }, old, rules)) bad = failures;
    else good = failures;
  }
  return bad / requests;
}

function rateOf({ requests, failures }: Counts): number {
  return requests === 0 ? 0 : failures / requests;
}

function thinText(
  { old, fresh, shown }: { old: Counts; fresh: Counts; shown: number },
): string {
  const few =
    `too few requests to tell: ${fresh.requests} by it and ${old.requests} by the others`;
  return shown === Infinity
    ? few
    : `${few} would not show that fewer than ${percent(shown)} fail`;
}

/** `12 of 340 (3.5 %)`. */
function rateText(counts: Counts): string {
  const { requests, failures } = counts;
  return `${failures} of ${requests} (${percent(rateOf(counts))})`;
}

function percent(rate: number): string {
  const value = rate * 100;
  const digits = value === 0 || value >= 10 ? 0 : value >= 1 ? 1 : 2;
  return `${value.toFixed(digits)} %`;
}
