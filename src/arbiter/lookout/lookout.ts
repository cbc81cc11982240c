/** Looks once a second at how busy the workers are and what they answer, while anything depends on it: the size of a pool with a range, and a canary. */
import { freeMemory } from "../../plan/memory.ts";
import { middleOf } from "../../exchange/durations.ts";
import { canaryFigures, countsAnswers } from "../../plan/metrics.ts";
import type { FiguresMessage } from "../../protocol/messages.ts";
import type { Closeable, Runtime } from "../../runtime/runtime.ts";
import type { Generation } from "../generations/generation.ts";
import type { Loop } from "../loop/loop.ts";
import { added, p99Of } from "./bucketed.ts";
import type { Bucketed } from "./bucketed.ts";
import { meanBusy, meanMemory } from "./busyness.ts";
import type { WorkerLoad } from "./busyness.ts";
import type { Counts } from "../pool/rules/fisher.ts";
import type { PoolState } from "../pool/state.ts";
import type { Unanswered } from "../pool/rules/canary.ts";
import { canaryOf } from "../pool/trial.ts";
import type { SpawnOrder } from "../workers/spawn-order.ts";

const LOOK_MS = 1000;

export interface LookoutOptions {
  readonly runtime: Pick<Runtime, "clock" | "files">;
  readonly loop: Loop;
  /** Connections that wait; undefined where the system does not tell. */
  backlog(): number | undefined;
  /** Has workers tell figures each `everyMs`; 0 for not at all. */
  tellFigures(everyMs: number): void;
  /** Has them time and count the app's answers as well, those too that do not count by themselves. */
  timeAnswers(everyMs: number): void;
  /** Does for itself what may fail: the pool goes on. */
  attempt(what: string, run: () => void): void;
}

/** What was answered since a canary was ready. */
interface Trial {
  readonly age: number;
  readonly slot: number;
  /** When it ends, by `lived()`. */
  readonly until: number;
  readonly generation: number;
  /** True where the workers of before do not count by themselves: all are judged by what they time meanwhile. */
  timed: boolean;
  old: Counts;
  fresh: Counts;
  /** How long the answers took. */
  oldTimes: Bucketed | undefined;
  freshTimes: Bucketed | undefined;
  /** Since when the canary has requests open and answers none, and what the others had answered then. */
  unanswered: { readonly at: number; readonly old: number } | undefined;
}

/** How the trial of a canary goes. */
export interface CanaryCourse {
  /** Its slot. */
  readonly worker: number;
  /** How long it is judged yet. */
  readonly leftMs: number;
  readonly old: Counts;
  readonly fresh: Counts;
}

const NONE: Counts = { requests: 0, failures: 0 };

export class Lookout implements Closeable {
  readonly #options: LookoutOptions;
  readonly #loads = new Map<number, WorkerLoad>();
  #trial: Trial | undefined;
  #timer: Closeable | undefined;

  constructor(options: LookoutOptions) {
    this.#options = options;
  }

  /** Begins to look, or ends it, as the pool needs it. */
  follow(pool: PoolState): void {
    const { over, stop, range, rollout } = pool;
    const needed = !over && stop === undefined &&
      (range ?? rollout?.range ?? rollout?.canary) !== undefined;
    if (needed === (this.#timer !== undefined)) return;
    if (needed) {
      this.#options.tellFigures(LOOK_MS);
      this.#plan();
    } else this.close();
  }

  /** Takes what a worker tells. */
  note({ age, number, generation }: SpawnOrder, figures: FiguresMessage): void {
    if (this.#timer === undefined) return;
    const now = this.#options.runtime.clock.now();
    const { busyMs, cpuMs, rss, open, queued } = figures;
    const before = this.#loads.get(age);
    const busy = before && (busyMs ?? cpuMs) / Math.max(1, now - before.at);
    this.#loads.set(age, { at: now, busy, rss, open, queued });
    const trial = this.#trialOf();
    if (trial === undefined) return;
    const isOld = number !== trial.generation;
    if (isOld && !trial.timed && !countsAnswers(generation.config.settings)) {
      this.#timeAnswers(trial);
    }
    const counts = trial.timed ? countsSeen(figures) : countsOf(figures);
    const times = trial.timed
      ? timesSeen(figures, generation)
      : timesOf(figures, generation);
    if (age === trial.age) {
      trial.fresh = sum(trial.fresh, counts);
      trial.freshTimes = added(trial.freshTimes, times);
      if (open === 0) trial.unanswered = undefined;
      else if (counts.requests > 0 || trial.unanswered === undefined) {
        const at = this.#options.runtime.clock.lived();
        trial.unanswered = { at, old: trial.old.requests };
      }
    } else if (isOld) {
      trial.old = sum(trial.old, counts);
      trial.oldTimes = added(trial.oldTimes, times);
    }
  }

  /** The canary that serves, and what was answered since it was ready. */
  canary(): CanaryCourse | undefined {
    const trial = this.#trialOf();
    if (trial === undefined) return undefined;
    const { slot, until, old, fresh } = trial;
    const leftMs = Math.max(0, until - this.#options.runtime.clock.lived());
    return { worker: slot, leftMs: Math.round(leftMs), old, fresh };
  }

  /** A worker is gone. */
  forget(age: number): void {
    this.#loads.delete(age);
  }

  close(): void {
    this.#timer?.close();
    this.#timer = undefined;
    this.#loads.clear();
    this.#endTrial();
    this.#options.tellFigures(0);
  }

  #plan(): void {
    this.#timer = this.#options.runtime.clock.after(LOOK_MS, () => {
      this.#plan();
      this.#options.attempt("look at the workers", () => this.#look());
    });
  }

  #look(): void {
    const { loop, backlog, runtime: { clock, files } } = this.#options;
    const trial = this.#trialOf();
    if (trial !== undefined) {
      const { old, fresh, oldTimes, freshTimes } = trial;
      loop.dispatch({
        type: "answers",
        old: { ...old, p99Ms: oldTimes && p99Of(oldTimes) },
        fresh: { ...fresh, p99Ms: freshTimes && p99Of(freshTimes) },
        unanswered: this.#unansweredOf(trial),
      });
    }
    const { pool } = loop;
    if (pool?.range === undefined || pool.fixed) return;
    const { busy, queued } = meanBusy(pool, this.#loads, clock.now());
    loop.dispatch({
      type: "load",
      sample: {
        busy,
        queued,
        waiting: backlog() ?? 0,
        rssEach: meanMemory(this.#loads),
        get memoryFree() {
          return freeMemory({ readText: (path) => files.readText(path) });
        },
      },
    });
  }

  #unansweredOf({ age, old, unanswered }: Trial): Unanswered | undefined {
    if (unanswered === undefined) return undefined;
    const { clock } = this.#options.runtime;
    let oldOpen = 0;
    for (const [other, { open }] of this.#loads) {
      if (other !== age) oldOpen += open;
    }
    return {
      ms: clock.lived() - unanswered.at,
      open: this.#loads.get(age)?.open ?? 0,
      oldOpen,
      oldAnswered: old.requests - unanswered.old,
    };
  }

  /** Begins anew, by what all workers time from now on. */
  #timeAnswers(trial: Trial): void {
    trial.timed = true;
    trial.old = trial.fresh = NONE;
    trial.oldTimes = trial.freshTimes = undefined;
    this.#options.timeAnswers(LOOK_MS);
  }

  #endTrial(): undefined {
    if (this.#trial?.timed) this.#options.timeAnswers(0);
    this.#trial = undefined;
  }

  /** What was answered since the canary that serves was ready. */
  #trialOf(): Trial | undefined {
    const { pool } = this.#options.loop;
    const canary = pool && canaryOf(pool);
    const forMs = pool?.rollout?.canary?.forMs;
    if (canary === undefined || forMs === undefined) return this.#endTrial();
    const { age, slot, since, generation } = canary;
    if (this.#trial?.age !== age) {
      this.#endTrial();
      this.#trial = {
        ...{ age, slot, until: since + forMs, generation },
        ...{ timed: false, old: NONE, fresh: NONE },
        ...{ oldTimes: undefined, freshTimes: undefined },
        unanswered: undefined,
      };
    }
    return this.#trial;
  }
}

/** Answers that say that the server failed are failures. */
function countsOf({ ended }: FiguresMessage): Counts {
  let [requests, failures] = [0, 0];
  for (const { status, counts } of ended) {
    const count = counts.reduce((sum, one) => sum + one, 0);
    requests += count;
    if (status >= 500) failures += count;
  }
  return { requests, failures };
}

/** The same of what was timed alone. */
function countsSeen({ seen }: FiguresMessage): Counts {
  if (seen === undefined) return NONE;
  let requests = 0;
  for (const [, count] of seen.durations) requests += count;
  return { requests, failures: Math.min(requests, seen.failed) };
}

function timesSeen(
  { seen }: FiguresMessage,
  { config: { settings } }: Generation,
): Bucketed {
  const bounds = canaryFigures(settings).bucketsMs;
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const [bucket, count] of seen?.durations ?? []) {
    const ms = middleOf(bucket);
    const at = bounds.findIndex((bound) => ms <= bound);
    counts[at === -1 ? bounds.length : at]! += count;
  }
  return { bounds, counts };
}

/** How long they took, in the buckets of the worker's generation. */
function timesOf(
  { ended }: FiguresMessage,
  { config: { settings } }: Generation,
): Bucketed {
  const bounds = canaryFigures(settings).bucketsMs;
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const one of ended) {
    for (const [at, count] of one.counts.entries()) {
      if (at < counts.length) counts[at]! += count;
    }
  }
  return { bounds, counts };
}

function sum(one: Counts, other: Counts): Counts {
  return {
    requests: one.requests + other.requests,
    failures: one.failures + other.failures,
  };
}
