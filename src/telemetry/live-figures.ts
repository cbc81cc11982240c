/** How workers are doing, for a person who looks: of the last seconds alone, by what they tell each second. */
import { sum } from "../base/sum.ts";
import { Durations } from "../exchange/durations.ts";
import type { DurationCount } from "../exchange/durations.ts";
import type { OpenRequest } from "../exchange/open-request.ts";
import type { ThreadState } from "../exchange/thread-state.ts";

/** What rates are of: what is told each second may come a little late. */
const RATE_MS = 2200;
/** What percentiles and the lag are of. */
const WINDOW_MS = 10_000;

/** What a worker tells. */
export interface ToldFigures {
  /** Since it began. */
  readonly requests: number;
  readonly queued: number;
  /** Since it told last. */
  readonly cpuMs: number;
  readonly busyMs?: number;
  readonly lagMs: number;
  readonly rss: number;
  readonly heapUsed: number;
  /** Undefined where there never was a WebSocket. */
  readonly sockets?: { readonly open: number } | undefined;
  readonly seen?: {
    readonly durations: readonly DurationCount[];
    readonly failed: number;
    readonly oldest: readonly OpenRequest[];
    readonly threads?: readonly ThreadState[];
  };
}

/** How a worker is doing. What is null is not known. */
export interface LiveFigures {
  /** Requests that began each second. */
  readonly perSecond: number | null;
  /** The part of the answers that were 500 or above. */
  readonly failed: number | null;
  /** Half of the answers took at most so long. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface LiveWorker extends LiveFigures {
  /** Requests that wait in it for their turn. */
  readonly queued: number;
  /** WebSockets that are open. */
  readonly websockets: number;
  /** The longest that its event loop was late. */
  readonly lagMs: number;
  /** Processors that it uses: 0.4 is 40 % of one. */
  readonly cpu: number | null;
  /** The part of the time that its event loop is at work. */
  readonly busy: number | null;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly oldest: readonly OpenRequest[];
  /** Its threads; left out where it is one alone. */
  readonly threads?: readonly ThreadState[];
}

/** What came between two messages of a worker. */
interface Sample {
  readonly at: number;
  readonly spanMs: number;
  readonly requests: number;
  readonly cpuMs: number;
  readonly busyMs: number | undefined;
  readonly lagMs: number;
  readonly failed: number;
  readonly durations: readonly DurationCount[];
}

interface Worker {
  last: ToldFigures;
  at: number;
  samples: Sample[];
}

export class LiveBoard {
  readonly #workers = new Map<number, Worker>();

  /** Takes what the worker of an age tells. */
  note(age: number, told: ToldFigures, now: number): void {
    const before = this.#workers.get(age);
    if (before === undefined) {
      this.#workers.set(age, { last: told, at: now, samples: [] });
      return;
    }
    const { failed = 0, durations = [] } = told.seen ?? {};
    before.samples = before.samples.filter(({ at }) => now - at <= WINDOW_MS);
    before.samples.push({
      at: now,
      spanMs: now - before.at,
      requests: Math.max(0, told.requests - before.last.requests),
      cpuMs: told.cpuMs,
      busyMs: told.busyMs,
      lagMs: told.lagMs,
      failed,
      durations,
    });
    before.last = told;
    before.at = now;
  }

  forget(age: number): void {
    this.#workers.delete(age);
  }

  clear(): void {
    this.#workers.clear();
  }

  /** True once there are figures of each worker. */
  knows(ages: readonly number[]): boolean {
    return ages.every((age) => this.#workers.get(age)?.samples.length);
  }

  /** How the worker of an age is doing; undefined where it has not told. */
  of(age: number, now: number): LiveWorker | undefined {
    const worker = this.#workers.get(age);
    if (worker === undefined) return undefined;
    const { last } = worker;
    const fresh = recent(worker, now, RATE_MS);
    const ms = sum(fresh, ({ spanMs }) => spanMs);
    return {
      ...figuresOf([worker], now),
      queued: last.queued,
      websockets: last.sockets?.open ?? 0,
      lagMs: Math.max(
        0,
        ...recent(worker, now, WINDOW_MS).map(({ lagMs }) => lagMs),
      ),
      cpu: ms > 0 ? sum(fresh, ({ cpuMs }) => cpuMs) / ms : null,
      busy: ms > 0 && last.busyMs !== undefined
        ? Math.min(1, sum(fresh, ({ busyMs = 0 }) => busyMs) / ms)
        : null,
      rssBytes: last.rss,
      heapUsedBytes: last.heapUsed,
      oldest: last.seen?.oldest ?? [],
      ...last.seen?.threads && { threads: last.seen.threads },
    };
  }

  /** How all are doing together. */
  all(now: number): LiveFigures {
    return figuresOf([...this.#workers.values()], now);
  }
}

function recent({ samples }: Worker, now: number, ms: number): Sample[] {
  return samples.filter(({ at }) => now - at <= ms);
}

function figuresOf(workers: readonly Worker[], now: number): LiveFigures {
  const durations = new Durations();
  let [answers, failed] = [0, 0];
  let perSecond: number | null = null;
  for (const worker of workers) {
    // One that has told, and is silent now, does nothing.
    if (worker.samples.length > 0) {
      const fresh = recent(worker, now, RATE_MS);
      const ms = sum(fresh, ({ spanMs }) => spanMs);
      perSecond = (perSecond ?? 0) +
        (ms > 0 ? sum(fresh, ({ requests }) => requests) * 1000 / ms : 0);
    }
    for (const sample of recent(worker, now, WINDOW_MS)) {
      durations.add(sample.durations);
      answers += sum(sample.durations, ([, count]) => count);
      failed += sample.failed;
    }
  }
  return {
    perSecond,
    failed: answers > 0 ? Math.min(1, failed / answers) : null,
    p50Ms: durations.within(0.5) ?? null,
    p99Ms: durations.within(0.99) ?? null,
  };
}
