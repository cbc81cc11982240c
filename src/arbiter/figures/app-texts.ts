/** The metrics of the app: asked of the workers at a scrape, and of those that are gone what they counted. */
import type { Clock } from "../../runtime/runtime.ts";
import { MergedMetrics } from "../../telemetry/merge.ts";

/** How long a scrape waits for workers; what a silent one told last counts. */
const WAIT_MS = 500;

/**
 * Characters of what is kept of workers that are gone, and of what another
 * arbiter is told, whose messages have an end. Labels that name workers
 * or requests would add to it for ever.
 */
const MOST_GONE = 512 * 1024;

/** What a worker told last. */
interface Told {
  readonly slot: number;
  readonly text: string;
}

export interface AppTextsOptions {
  readonly clock: Pick<Clock, "after">;
  /** Is told what is wrong with them, once each. */
  warn(text: string): void;
}

export class AppTexts {
  readonly #options: AppTextsOptions;
  /** By age, of workers whose app has metrics. */
  readonly #told = new Map<number, Told>();
  /** What workers counted that are gone. */
  readonly #gone = new MergedMetrics();
  #asked = 0;
  #waiting = new Set<number>();
  #answered: (() => void) | undefined;
  #collecting: Promise<void> | undefined;
  #warned = false;
  #warnedFull = false;

  constructor(options: AppTextsOptions) {
    this.#options = options;
  }

  /** Takes what a worker tells, asked or not. */
  take(age: number, { slot, id, text }: Told & { readonly id: number }): void {
    this.#told.set(age, { slot, text });
    if (id !== this.#asked) return;
    this.#waiting.delete(age);
    if (this.#waiting.size === 0) this.#answered?.();
  }

  /** Keeps what a worker counted that has ended. */
  bury(age: number): void {
    const told = this.#told.get(age);
    if (told === undefined) return;
    this.#told.delete(age);
    this.#gone.add(told.text, undefined, MOST_GONE);
    if (this.#gone.full && !this.#warnedFull) {
      this.#warnedFull = true;
      this.#options.warn(
        "Counts of the app's metrics go with the worker that has them where their labels are new: those of workers that are gone have 512 KiB by now; no label should name a worker, a request or a user",
      );
    }
    this.#waiting.delete(age);
    if (this.#waiting.size === 0) this.#answered?.();
  }

  /** Asks those that have metrics; scrapes that come meanwhile share the answers. */
  collect(ask: (age: number, id: number) => void): Promise<void> {
    if (this.#told.size === 0) return Promise.resolve();
    return this.#collecting ??= new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(WAIT_MS, () => end());
      const end = () => {
        timer.close();
        this.#answered = this.#collecting = undefined;
        resolve();
      };
      this.#answered = end;
      const id = ++this.#asked;
      this.#waiting = new Set(this.#told.keys());
      for (const age of this.#told.keys()) ask(age, id);
    });
  }

  /** What was counted until now, with the texts of others, as a text. */
  counts(others: readonly string[]): string {
    const merged = new MergedMetrics();
    const own = [...this.#told.values()].map(({ text }) => text);
    for (const text of [...others, this.#gone.text, ...own]) {
      merged.add(text, undefined, MOST_GONE);
    }
    return merged.text;
  }

  /** All of them as one, with what others have counted. */
  merge(others: readonly string[]): MergedMetrics {
    const merged = new MergedMetrics();
    for (const text of [...others, this.#gone.text]) {
      merged.add(text, undefined);
    }
    for (const { slot, text } of this.#told.values()) merged.add(text, slot);
    const [first] = merged.refused;
    if (first !== undefined && !this.#warned) {
      this.#warned = true;
      this.#options.warn(
        `The app's metric ${first} is left out: its name is one of corn's own`,
      );
    }
    return merged;
  }
}
