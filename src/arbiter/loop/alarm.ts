/** The arbiter's only timer: it rings when something is due. */
import type { Clock, Closeable } from "../../runtime/runtime.ts";

/**
 * Signal handlers keep no process alive; a timer does, even where no worker is
 * left. And that it comes late tells that the arbiter stood still.
 */
const LONGEST_WAIT_MS = 1000;

/** A new timer costs less than a ring that is so much too early, which wakes the process. */
const EARLY_MS = 50;

export class Alarm implements Closeable {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: Closeable | undefined;
  #setFor = Infinity;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `due` or before, however far away that is or however long ago. */
  setFor(due: number): void {
    const now = this.#clock.lived();
    const next = Math.min(due, now + LONGEST_WAIT_MS);
    const kept = this.#setFor;
    if (kept > now && next >= kept && next - kept < EARLY_MS) return;
    this.#setFor = next;
    const wait = Math.max(0, Math.ceil(next - now));
    const before = this.#timer;
    this.#timer = this.#clock.pulse(wait, () => {
      this.#setFor = Infinity;
      this.#ring();
    });
    // Not sooner: at each moment something is due that tells of a standstill.
    before?.close();
  }

  close(): void {
    this.#timer?.close();
  }
}
