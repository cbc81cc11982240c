/** Time that the test moves. */
import { createLivedClock } from "../../../adapters/shared/machine/lived-time.ts";
import type { Clock, Closeable } from "../../../src/runtime/runtime.ts";

/** What a clock shows at first, in ms: at zero, sums and differences are the same. */
export const BEGINNING = 3_600_000;

/** A clock that stands still until `pass` is called. */
export class FakeClock implements Clock {
  #now = BEGINNING;
  #timers: { at: number; run: () => void }[] = [];
  readonly #lived = createLivedClock({
    now: () => this.#now,
    after: (ms, run) => this.#set(ms, run),
  });
  /** How many timers were ever set. */
  set = 0;

  now(): number {
    return this.#now;
  }

  /** How many ms have passed since the beginning. */
  passed(): number {
    return this.#now - BEGINNING;
  }

  monotonic(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#now);
  }

  lived(): number {
    return this.#lived.lived();
  }

  lost(): number {
    return this.#lived.lost();
  }

  after(ms: number, run: () => void): Closeable {
    return this.#lived.after(ms, run);
  }

  pulse(ms: number, run: () => void): Closeable {
    return this.#lived.pulse(ms, run);
  }

  #set(ms: number, run: () => void): Closeable {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    this.set++;
    return {
      close: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** When the standing timers are due, in ms from the beginning. */
  due(): number[] {
    return this.#timers.map(({ at }) => at - BEGINNING).sort((a, b) => a - b);
  }

  /** Lets time pass and runs what is due meanwhile, in order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  /** Lets time pass without anybody noticing, as in a process that is stopped. */
  block(ms: number): void {
    this.#now += ms;
  }
}

/** Lets everything that waits for a settled promise go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
