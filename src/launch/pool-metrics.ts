/** Metrics of the pool: measured while the settings say so, and written when they are asked for. */
import type { Arbiter } from "../arbiter/arbiter.ts";
import type { ArbiterNow, PoolFigures } from "../arbiter/figures.ts";
import type { Witness } from "../arbiter/options.ts";
import { VERSION } from "../base/version.ts";
import type { Settings } from "../config/table/types.ts";
import type { LogEvent } from "../log/event.ts";
import { requestFigures } from "../plan/metrics.ts";
import type { Closeable, Runtime } from "../runtime/runtime.ts";
import type { Family, Format, writeMetrics } from "../telemetry/exposition.ts";
import type { familiesOf } from "../telemetry/families.ts";
import type { CountsRecord } from "../telemetry/sums.ts";

/** Between two figures of a worker. */
const EVERY_MS = 1000;

export interface PoolMetricsOptions {
  readonly runtime: Runtime;
  arbiter(): Arbiter;
  /** Says what a person should know. */
  warn(text: string): void;
}

/** What writes metrics: there before the first scrape, since a deploy may replace corn's own files until then. */
interface Writers {
  readonly familiesOf: typeof familiesOf;
  readonly writeMetrics: typeof writeMetrics;
}

async function loadWriters(): Promise<Writers> {
  const [{ familiesOf }, { writeMetrics }] = await Promise.all([
    import("../telemetry/families.ts"),
    import("../telemetry/exposition.ts"),
  ]);
  return { familiesOf, writeMetrics };
}

export class PoolMetrics {
  readonly #options: PoolMetricsOptions;
  #figures: PoolFigures | undefined;
  #writers: Writers | undefined;
  #on = false;
  #workerRuntime = "";
  #sharing: Closeable | undefined;
  #tell: (() => void) | undefined;

  constructor(options: PoolMetricsOptions) {
    this.#options = options;
  }

  /** Sees the pool; undefined where nothing was ever measured. */
  get witness(): Witness | undefined {
    return this.#figures;
  }

  /** Does from now on what the settings say; what was counted before stays. */
  async configure(settings: Settings): Promise<void> {
    const plan = requestFigures(settings);
    this.#on = plan !== undefined;
    if (plan !== undefined) await this.#measure(plan.bucketsMs);
    // Settings that came meanwhile count.
    this.#options.arbiter().tellFigures("metrics", this.#on ? EVERY_MS : 0);
  }

  async #measure(bucketsMs: readonly number[]): Promise<void> {
    const { runtime } = this.#options;
    const [{ PoolFigures }, writers] = await Promise.all([
      import("../arbiter/figures.ts"),
      this.#writers ?? loadWriters(),
    ]);
    this.#writers = writers;
    this.#figures ??= new PoolFigures({
      runtime,
      bucketsMs,
      warn: (text) => this.#options.warn(text),
      build: {
        version: VERSION,
        runtime: runtime.name,
        runtime_version: runtime.version,
      },
    });
    this.#figures.useBuckets(bucketsMs);
  }

  /** Takes what another arbiter has counted, in the place of what it told before. */
  takeSums(pid: number, record: CountsRecord): void {
    this.#figures?.takeSums(pid, record);
  }

  /** Tells the other arbiter, of this pid, what is counted here but for its own, each second until `unshare`. */
  share(pid: number, tell: (record: CountsRecord) => void): void {
    this.#sharing?.close();
    const { clock } = this.#options.runtime;
    this.#tell = () => {
      if (this.#figures !== undefined) tell(this.#figures.record(pid));
    };
    const again = () => {
      this.#sharing = clock.after(EVERY_MS, again);
      this.#tell?.();
    };
    again();
  }

  /** Tells it once more, and no more. */
  unshare(): void {
    this.#sharing?.close();
    this.#sharing = undefined;
    this.#tell?.();
    this.#tell = undefined;
  }

  /** Counts an event of the log. */
  note(event: LogEvent): void {
    this.#figures?.onLog(event);
  }

  /** What this arbiter has counted itself, and since when; undefined where nothing is measured. */
  families(): { families: Family[]; startedAt: number } | undefined {
    const figures = this.#figures;
    if (figures === undefined || this.#writers === undefined) return undefined;
    const { familiesOf } = this.#writers;
    const now = figures.now(this.#now());
    const { sums, exemplars } = figures;
    return {
      families: familiesOf(sums, now, exemplars),
      startedAt: now.startedAt,
    };
  }

  #now(): ArbiterNow {
    const { view } = this.#options.arbiter();
    // What is told last is told when the generation is closed.
    if (view.state?.over !== true) this.#workerRuntime = view.workerRuntime();
    return {
      pool: view.state,
      queues: view.queues(),
      certificates: view.certificates(),
      tasks: view.tasks(),
      workerRuntime: this.#workerRuntime,
    };
  }

  /** All metrics; undefined where nothing is measured. */
  async write(format: Format): Promise<string | undefined> {
    const figures = this.#figures;
    // What stands still since a reload would be taken for an idle pool.
    if (figures === undefined || !this.#on) return undefined;
    const { familiesOf, writeMetrics } = this.#writers as Writers;
    const arbiter = this.#options.arbiter();
    const app = await figures.collectApp(
      (age, id) => arbiter.collectMetrics(age, id),
      format,
    );
    const now = figures.now(this.#now());
    return writeMetrics(
      familiesOf(figures.all(), now, figures.exemplars),
      format,
      app,
    );
  }
}
