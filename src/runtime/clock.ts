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
  /** Calls `run` once after `ms` milliseconds, unless closed before. The timer keeps the process alive. */
  after(ms: number, run: () => void): Closeable;
}
