/** The app's own metrics of all threads as those of one worker. */
import { messageOf } from "../../base/errors.ts";
import type { MetricsMessage } from "../../protocol/messages.ts";
import type { Closeable } from "../../runtime/runtime.ts";
import { MergedMetrics } from "../../telemetry/merge.ts";
import { demandTellable } from "../observe/app-metrics.ts";
import type { WorkerHost } from "../observe/worker-host.ts";

/** The arbiter waits half a second; what a silent thread told last counts. */
const WAIT_MS = 300;

export class ThreadMetrics {
  readonly #host: WorkerHost;
  /** What each thread told last. */
  readonly #texts = new Map<number, string>();
  /** Threads that have ended, of which only counts stay. */
  readonly #gone = new Set<number>();
  /** Those that are to answer yet. */
  #waiting = new Set<number>();
  #asked = 0;
  #timer: Closeable | undefined;
  /** What was told last: it counts while there is too much to tell. */
  #last = "";
  #warnedLong = false;

  constructor(host: WorkerHost) {
    this.#host = host;
  }

  /** Asks the threads that have metrics; `ask` gives false for one that has ended, whose counts stay. */
  collect(id: number, ask: (thread: number) => boolean): void {
    this.#asked = id;
    this.#timer?.close();
    this.#timer = this.#host.runtime.clock.after(WAIT_MS, () => this.#answer());
    this.#waiting = new Set([...this.#texts.keys()].filter(ask));
    if (this.#waiting.size === 0) this.#answer();
  }

  take(thread: number, { id, text }: MetricsMessage): void {
    this.#texts.set(thread, text);
    if (id === 0) return this.#tell(0);
    if (id !== this.#asked) return;
    this.#waiting.delete(thread);
    if (this.#waiting.size === 0) this.#answer();
  }

  /** A thread is gone. */
  bury(thread: number): void {
    this.#gone.add(thread);
    if (this.#waiting.delete(thread) && this.#waiting.size === 0) {
      this.#answer();
    }
  }

  #answer(): void {
    const id = this.#asked;
    this.#timer?.close();
    if (id !== 0) this.#tell(id);
    this.#asked = 0;
  }

  #tell(id: number): void {
    const merged = new MergedMetrics("thread");
    for (const [thread, text] of this.#texts) {
      merged.add(text, this.#gone.has(thread) ? undefined : thread);
    }
    const text = merged.lines("text").join("\n");
    try {
      demandTellable(text);
      this.#last = text;
    } catch (error) {
      if (!this.#warnedLong) {
        this.#host.say(
          "warning",
          `Cannot tell the app's metrics of all threads: ${messageOf(error)}`,
        );
      }
      this.#warnedLong = true;
      // A scrape waits for an answer.
      if (id === 0) return;
    }
    this.#host.send({ type: "metrics", id, text: this.#last });
  }
}
