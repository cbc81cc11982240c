/** What the arbiter measures: workers, what waits for them, and what the log says. */
import type { LogEvent } from "../log/event.ts";
import type { Closeable, Runtime } from "../runtime/runtime.ts";
import { Statsd } from "./statsd.ts";
import type { StatsdOptions } from "./statsd.ts";

/** Between two looks at workers and queues. */
const TICK_MS = 1000;
/** After so long the number of workers is told again, for a datagram may be lost. */
const REPEAT_MS = 10_000;
/** The longest that the end waits. */
const FLUSH_MS = 1000;

/** What the settings say. */
export interface ServerMetricsSettings {
  /** Undefined to measure nothing. */
  readonly statsd: StatsdOptions | undefined;
  /** True to measure what waits in the accept queues. */
  readonly backlog: boolean;
}

export interface ServerMetricsOptions {
  readonly runtime: Runtime;
  /** How many workers there are, whatever they do. */
  workers(): number;
  /** Connections that wait; undefined where the system does not tell. */
  backlog(): number | undefined;
  /** Says what a person should know: that the receiver is gone, or back. */
  report(text: string): void;
}

export class ServerMetrics implements Closeable {
  readonly #options: ServerMetricsOptions;
  #statsd: Statsd | undefined;
  /** True where the backlog is told, too. */
  #backlog: boolean | undefined;
  #timer: Closeable | undefined;
  /** The number of workers that was told last, and when. */
  #told: { readonly workers: number; readonly at: number } | undefined;

  constructor(options: ServerMetricsOptions) {
    this.#options = options;
  }

  /** Does from now on what the settings say. */
  configure({ statsd, backlog }: ServerMetricsSettings): void {
    const { runtime, report } = this.#options;
    this.#backlog = backlog;
    const before = this.#statsd;
    if (JSON.stringify(statsd) === JSON.stringify(before?.options)) return;
    void before?.flush(FLUSH_MS).then(() => before.close());
    this.#timer?.close();
    this.#statsd = statsd && new Statsd(runtime, statsd, report);
    this.#told = undefined;
    if (statsd !== undefined) this.#tick();
  }

  /** Counts an event of the log, written or not. */
  note({ level, exception, stream }: LogEvent): void {
    // What the app prints is no event of the log's own.
    if (this.#statsd === undefined || stream !== undefined) return;
    if (level === "debug" || level === "info") return;
    this.#statsd.count(`gunicorn.log.${exception ? "exception" : level}`);
  }

  /** Resolves when everything is out, as far as that goes within a second. */
  flush(): Promise<void> {
    return this.#statsd?.flush(FLUSH_MS) ?? Promise.resolve();
  }

  close(): void {
    this.#timer?.close();
    this.#statsd?.close();
    this.#statsd = undefined;
  }

  #tick(): void {
    const { clock } = this.#options.runtime;
    this.#timer = clock.after(TICK_MS, () => this.#tick());
    this.#tellWorkers(clock.now());
    if (this.#backlog) this.#tellBacklog();
  }

  #tellWorkers(now: number): void {
    const workers = this.#options.workers();
    const told = this.#told;
    if (workers === told?.workers && now - told.at < REPEAT_MS) return;
    this.#told = { workers, at: now };
    this.#statsd?.gauge("gunicorn.workers", workers);
  }

  #tellBacklog(): void {
    const waiting = this.#options.backlog();
    if (waiting === undefined) return;
    this.#statsd?.histogram("gunicorn.backlog", waiting);
  }
}
