/**
 * The time that a process has lived through. While it is stopped (SIGSTOP), its
 * container is paused or its machine suspended, the clock goes on and nothing
 * that the process waits for can reach it: such time counts for no limit. A
 * clock that jumps looks the same.
 */

/** A timer that is later than this did not have the processor. */
export const HELD_UP_MS = 50;

/** A timer's handle. */
interface Timer {
  close(): void;
}

/** What the time is made from. */
export interface RawClock {
  now(): number;
  after(ms: number, run: () => void): Timer;
}

/** Timers by the time that the process has lived through. */
export interface LivedClock {
  lived(): number;
  lost(): number;
  after(ms: number, run: () => void): Timer;
  pulse(ms: number, run: () => void): Timer;
}

/** Counts the time that was lost, by what should have happened meanwhile. */
export class LivedTime {
  #lost = 0;
  #last = -Infinity;
  readonly #expected = new Set<{ readonly due: number }>();
  /** The earliest of them. */
  #due = Infinity;

  /** What must happen at `due`, unless the process stands still; until forgotten. */
  expect(due: number): { readonly due: number } {
    const expected = { due };
    this.#expected.add(expected);
    this.#due = Math.min(this.#due, due);
    return expected;
  }

  /** How much was lost, as far as `at` has seen. */
  get lost(): number {
    return this.#lost;
  }

  forget(expected: { readonly due: number }): void {
    if (!this.#expected.delete(expected) || expected.due > this.#due) return;
    this.#due = Infinity;
    for (const { due } of this.#expected) this.#due = Math.min(this.#due, due);
  }

  /** The time lived through at a moment; never goes back. */
  at(now: number): number {
    const last = this.#last;
    this.#last = now;
    if (now < last) this.#lost += now - last;
    else if (now - this.#due > HELD_UP_MS) {
      this.#lost += now - Math.max(this.#due, last);
    }
    return now - this.#lost;
  }
}

/** Adds the time lived through to a clock. */
export function createLivedClock({ now, after }: RawClock): LivedClock {
  const time = new LivedTime();
  const lived = () => time.at(now());
  return {
    lived,
    lost: () => time.lost,
    after(ms, run) {
      const due = lived() + ms;
      let timer = after(ms, fire);
      function fire(): void {
        const left = due - lived();
        // Timers may come somewhat early.
        if (left > HELD_UP_MS) timer = after(left, fire);
        else run();
      }
      return { close: () => timer.close() };
    },
    pulse(ms, run) {
      lived();
      const expected = time.expect(now() + ms);
      const timer = after(ms, () => {
        lived();
        time.forget(expected);
        // What is run ends at once too, unless the process stands still there.
        const end = time.expect(now());
        try {
          run();
        } finally {
          lived();
          time.forget(end);
        }
      });
      return {
        close() {
          time.forget(expected);
          timer.close();
        },
      };
    },
  };
}
