/** Time, and what is held until it is closed. */

/** Something that is held until it is closed; closing twice does nothing. */
export interface Closeable {
  close(): void;
}

/** Time, in milliseconds. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** The system's CLOCK_MONOTONIC, see clock_gettime(2): the same for all processes. */
  monotonic(): number;
  /** The wall clock, for what people read. */
  date(): Date;
  /** Milliseconds that this process has lived through, see `adapters/shared/machine/lived-time.ts`; what its limits are measured by. */
  lived(): number;
  /** How far that was behind `now()` when it was last asked. */
  lost(): number;
  /** Calls `run` once after `ms` milliseconds lived through, unless closed before. The timer keeps the process alive. */
  after(ms: number, run: () => void): Closeable;
  /**
   * As `after`, but by the clock: `run` is called as soon as `ms` have passed,
   * and that it comes late tells that the process stood still. As exact as the
   * shortest of them, so a process that has limits needs one at all times.
   */
  pulse(ms: number, run: () => void): Closeable;
}
