/** Metrics of the pool: measured while the settings say so, and written when they are asked for. */
import type { Arbiter } from "../arbiter/arbiter.ts";
import type { ArbiterNow, PoolFigures } from "../arbiter/figures/figures.ts";
import type { Witness } from "../arbiter/options.ts";
import { SharedRun } from "../base/shared-run.ts";
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

/** The pause after writing a text, by the time that it took: however many scrape, that is a fourth of the arbiter's time at most. */
const REST = 3;

export interface PoolMetricsOptions {
  readonly runtime: Runtime;
  arbiter(): Arbiter;
  /** Says what a person should know. */
  warn(text: string): void;
}

/** What counts, and what writes it: loaded together, before the first scrape, since a deploy may replace corn's own files until then. */
interface Gauge {
  readonly figures: PoolFigures;
  readonly familiesOf: typeof familiesOf;
  readonly writeMetrics: typeof writeMetrics;
}

async function loadGauge() {
  const [{ PoolFigures }, { familiesOf }, { writeMetrics }] = await Promise.all(
    [
      import("../arbiter/figures/figures.ts"),
      import("../telemetry/families.ts"),
      import("../telemetry/exposition.ts"),
    ],
  );
  return { PoolFigures, familiesOf, writeMetrics };
}

export class PoolMetrics {
  readonly #options: PoolMetricsOptions;
  /** Undefined where nothing was ever measured. */
  #gauge: Gauge | undefined;
  #on = false;
  #workerRuntime = "";
  #sharing: Closeable | undefined;
  #tell: (() => void) | undefined;
  readonly #writing = new Map<Format, SharedRun<string | undefined>>();
  /** How long the last text took to write. */
  #tookMs = 0;

  constructor(options: PoolMetricsOptions) {
    this.#options = options;
  }

  /** Sees the pool; undefined where nothing was ever measured. */
  get witness(): Witness | undefined {
    return this.#gauge?.figures;
  }

  /** Does from now on what the settings say; what was counted before stays. */
  async configure(settings: Settings): Promise<void> {
    const plan = requestFigures(settings);
    this.#on = plan !== undefined;
    if (plan !== undefined) await this.#measure(plan.bucketsMs);
    // Settings that came meanwhile count.
    this.#options.arbiter().measuring.tellFigures(
      "metrics",
      this.#on ? EVERY_MS : 0,
    );
  }

  async #measure(bucketsMs: readonly number[]): Promise<void> {
    const { PoolFigures, ...writers } = await loadGauge();
    const { runtime, warn } = this.#options;
    // Another call may have loaded it meanwhile.
    this.#gauge ??= {
      ...writers,
      figures: new PoolFigures({
        runtime,
        bucketsMs,
        warn,
        build: {
          version: VERSION,
          runtime: runtime.name,
          runtime_version: runtime.version,
        },
      }),
    };
    this.#gauge.figures.useBuckets(bucketsMs);
  }

  /** Takes what another arbiter has counted, in the place of what it told before. */
  takeSums(pid: number, record: CountsRecord): void {
    this.#gauge?.figures.takeSums(pid, record);
  }

  /** Tells the other arbiter, of this pid, what is counted here but for its own, each second until `unshare`. */
  share(pid: number, tell: (record: CountsRecord) => void): void {
    this.#sharing?.close();
    const { clock } = this.#options.runtime;
    this.#tell = () => {
      if (this.#gauge !== undefined) tell(this.#gauge.figures.record(pid));
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
    this.#gauge?.figures.onLog(event);
  }

  /** What this arbiter has counted itself, and since when; undefined where nothing is measured. */
  families(): { families: Family[]; startedAt: number } | undefined {
    if (this.#gauge === undefined) return undefined;
    const { figures, familiesOf } = this.#gauge;
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

  /** All metrics; undefined where nothing is measured. Who asks while they are written shares what is written next. */
  write(format: Format): Promise<string | undefined> {
    let run = this.#writing.get(format);
    if (run === undefined) {
      const { clock } = this.#options.runtime;
      run = new SharedRun(() => this.#write(format), {
        rest: () =>
          new Promise((resolve) =>
            void clock.after(REST * this.#tookMs, resolve)
          ),
      });
      this.#writing.set(format, run);
    }
    return run.ask();
  }

  async #write(format: Format): Promise<string | undefined> {
    // What stands still since a reload would be taken for an idle pool.
    if (this.#gauge === undefined || !this.#on) return undefined;
    const { figures, familiesOf, writeMetrics } = this.#gauge;
    const { clock } = this.#options.runtime;
    const arbiter = this.#options.arbiter();
    await figures.askApp((age, id) =>
      arbiter.measuring.collectMetrics(age, id)
    );
    const from = clock.now();
    const text = writeMetrics(
      familiesOf(figures.all(), figures.now(this.#now()), figures.exemplars),
      format,
      figures.appLines(format),
    );
    this.#tookMs = clock.now() - from;
    return text;
  }
}
