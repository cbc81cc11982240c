/**
 * How many workers a pool of a range should have: up at once where it is
 * needed, down one at a time after patience. The damping is one-sided: a pause
 * after growing would make the overload that it exists to prevent.
 */

/** How many workers there may be. */
export interface SizeRange {
  readonly min: number;
  readonly max: number;
}

/** What the settings say. */
export interface SizeSettings extends SizeRange {
  /** For how long one less must have been enough before one leaves, in ms. */
  readonly patienceMs: number;
}

/** From when on the size is changed. Times are milliseconds, shares of 1. */
export interface SizeRules extends SizeSettings {
  /** Workers that are busier than this, all of them together, are too few. */
  readonly busyAbove: number;
  /** For how long, from the first look that says so: it tells of the second before. */
  readonly busyMs: number;
  /** The same for connections or requests that wait. */
  readonly waitingMs: number;
  /** One less is enough where the others would be less busy than this. */
  readonly calmBelow: number;
  /** Growing within so many times the first patience after one has left is regretted: the patience doubles. */
  readonly regretTimes: number;
  /** The patience is at most so many times the first one. */
  readonly mostPatience: number;
  /** It halves after so long without regret. */
  readonly forgetMs: number;
  /** A worker is added where so many times what one takes is free. */
  readonly memoryRoom: number;
}

/** The rules of every pool. */
export const SIZE_RULES: Omit<SizeRules, keyof SizeSettings> = {
  busyAbove: 0.75,
  busyMs: 2000,
  waitingMs: 1000,
  calmBelow: 0.6,
  regretTimes: 5,
  mostPatience: 16,
  forgetMs: 3_600_000,
  memoryRoom: 2,
};

/** What the last looks have shown; plain data, which another arbiter can go on with. */
export interface SizeState {
  /** Since when the workers are too busy, something waits, and one less is enough; undefined where it is not so. */
  readonly busySince?: number | undefined;
  readonly waitingSince?: number | undefined;
  readonly calmSince?: number | undefined;
  /** When the pool was made smaller last. */
  readonly shrunkAt?: number | undefined;
  /** How many times the first patience. */
  readonly patience: number;
  /** More are needed, and it was said why there cannot be more. */
  readonly held?: boolean;
  /** When the patience was doubled or halved last. */
  readonly patienceAt?: number | undefined;
}

/** Nothing is known yet. */
export const FRESH_SIZE: SizeState = { patience: 1 };

/** What a look at the pool has shown. */
export interface SizeSample {
  readonly now: number;
  /** The size that it should have by now. */
  readonly wanted: number;
  readonly ready: number;
  readonly booting: number;
  /** The mean share of time for which the ready workers have work; undefined where it is not known. */
  readonly busy: number | undefined;
  /** Connections that wait to be accepted. */
  readonly waiting: number;
  /** Requests that wait in workers for others to end. */
  readonly queued: number;
  /** Bytes that a worker takes; undefined where it is not known. */
  readonly rssEach?: number | undefined;
  /** Bytes that corn may still take; undefined where it is not known. */
  readonly memoryFree?: number | undefined;
  /** A roll-out is under way. */
  readonly rollout: boolean;
}

/** What follows from a look. */
export interface SizeDecision {
  readonly state: SizeState;
  readonly want: number;
  /** Why the size changes, or stays although more are needed; undefined where nothing is to be said. */
  readonly why: string | undefined;
}

/** The size within a range that is next to another one. */
export function clampSize(size: number, { min, max }: SizeRange): number {
  return Math.min(max, Math.max(min, size));
}

/** Takes a look into account; about one a second is expected. */
export function decideSize(
  before: SizeState,
  sample: SizeSample,
  rules: SizeRules,
): SizeDecision {
  const { now, wanted, ready, booting, rollout } = sample;
  const { min, max } = rules;
  const state = observe(before, sample, rules);
  if (rollout) return { state, want: wanted, why: undefined };
  if (wanted < min || wanted > max) {
    return {
      state,
      want: clampSize(wanted, rules),
      why: `${min} to ${max} are set`,
    };
  }
  // What was decided before shows its effect only once it is there.
  if (booting > 0 || ready < wanted) {
    return { state, want: wanted, why: undefined };
  }
  const need = needOf(state, sample, rules);
  if (need !== undefined && wanted < max) {
    if (isMemoryShort(sample, rules)) {
      return {
        state: { ...state, held: true },
        want: wanted,
        why: state.held
          ? undefined
          : `${need}, but there is no memory for one more`,
      };
    }
    return { state: grown(state, now, rules), want: wanted + 1, why: need };
  }
  const { calmSince = Infinity, patience } = state;
  if (wanted > min && now - calmSince >= rules.patienceMs * patience) {
    return {
      state: { ...state, calmSince: undefined, shrunkAt: now },
      want: wanted - 1,
      why: "fewer are enough",
    };
  }
  return { state, want: wanted, why: undefined };
}

/** Notes since when things are as they are. */
function observe(
  before: SizeState,
  sample: SizeSample,
  rules: SizeRules,
): SizeState {
  const { now, ready, booting, busy = 0, rollout } = sample;
  const waits = sample.waiting + sample.queued > 0;
  // Workers that are about to come or go say nothing of those that stay.
  const settled = !rollout && booting === 0 && ready > 1;
  const calm = settled && !waits && sample.busy !== undefined &&
    busy * ready / (ready - 1) < rules.calmBelow;
  const since = (holds: boolean, known: number | undefined) =>
    holds ? known ?? now : undefined;
  const state = {
    ...before,
    busySince: since(busy > rules.busyAbove, before.busySince),
    waitingSince: since(waits, before.waitingSince),
    calmSince: since(calm, before.calmSince),
    held: before.held === true && (waits || busy > rules.busyAbove),
  };
  const { patience, patienceAt = now } = state;
  return patience > 1 && now - patienceAt >= rules.forgetMs
    ? { ...state, patience: patience / 2, patienceAt: now }
    : state;
}

/** What more workers are needed for; undefined where they are not. */
function needOf(
  { busySince = Infinity, waitingSince = Infinity }: SizeState,
  { now, waiting }: SizeSample,
  { busyMs, waitingMs }: SizeRules,
): string | undefined {
  if (now - waitingSince >= waitingMs) {
    return waiting > 0 ? "connections wait" : "requests wait";
  }
  return now - busySince >= busyMs ? "workers are busy" : undefined;
}

function isMemoryShort(
  { rssEach, memoryFree }: SizeSample,
  { memoryRoom }: SizeRules,
): boolean {
  return rssEach !== undefined && memoryFree !== undefined &&
    memoryFree < rssEach * memoryRoom;
}

/** What was seen of the smaller pool says nothing of the larger one. */
function grown(state: SizeState, now: number, rules: SizeRules): SizeState {
  const { shrunkAt = -Infinity, patience } = state;
  const fresh = {
    ...state,
    busySince: undefined,
    waitingSince: undefined,
    calmSince: undefined,
  };
  // Each time that one has left is regretted once.
  return now - shrunkAt > rules.regretTimes * rules.patienceMs ? fresh : {
    ...fresh,
    shrunkAt: undefined,
    patience: Math.min(rules.mostPatience, patience * 2),
    patienceAt: now,
  };
}
