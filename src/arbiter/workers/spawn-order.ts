/** Which worker is to be started. */
import type { Generation } from "../generations/generation.ts";

/** What a worker is started with. */
export interface SpawnOrder {
  readonly age: number;
  readonly slot: number;
  /** The queue that it accepts from first. */
  readonly queue: number;
  readonly generation: Generation;
  /** The generation's number. */
  readonly number: number;
}

/** A worker that was started; it has no pid where that failed. */
export interface StartedWorker {
  readonly order: SpawnOrder;
  readonly pid: number | undefined;
}
