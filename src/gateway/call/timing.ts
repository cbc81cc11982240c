/** How long requests take from the call of the app to its answer, while that is looked at. */
import { Durations } from "../../exchange/durations.ts";
import type { DurationCount } from "../../exchange/durations.ts";
import { SEATS } from "../../exchange/flight-record.ts";

/** Requests without a seat that are timed at once; more are left out. */
const MOST = 10_000;

/** What was timed since it was told last. */
export interface Timed {
  readonly durations: readonly DurationCount[];
  /** Answers that say that the server failed: 500 and above. */
  readonly failed: number;
}

export class Timing {
  /** When the request began whose handler has the event loop. */
  began = 0;
  readonly #durations = new Durations();
  #failed = 0;
  /** When requests were put aside for which the record has no seat, by numbers past its seats. */
  readonly #unseated = new Map<number, number>();
  #last: number = SEATS;

  begin(now: number): void {
    this.began = now;
  }

  /** Puts the request aside that has the event loop: gives a number in place of a seat. */
  defer(): number {
    const number = ++this.#last;
    if (this.#unseated.size < MOST) this.#unseated.set(number, this.began);
    return number;
  }

  /** Gives when a request began that was put aside; NaN where that is not known. */
  end(number: number): number {
    const began = this.#unseated.get(number) ?? NaN;
    this.#unseated.delete(number);
    return began;
  }

  /** Nobody looks any more. */
  rest(): void {
    this.#unseated.clear();
    this.take();
  }

  note(ms: number, status: number | undefined): void {
    if (ms >= 0) this.#durations.note(ms);
    if (status !== undefined && status >= 500) this.#failed++;
  }

  take(): Timed {
    const failed = this.#failed;
    this.#failed = 0;
    return { durations: this.#durations.take(), failed };
  }
}
