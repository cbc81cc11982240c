/**
 * When connections are made. Each takes the app's event loop up to a
 * millisecond, and thousands may be asked for at once: so many are made in a
 * turn, and the others in later ones.
 */
import type { Closeable } from "../runtime/runtime.ts";
import type { TaskClock } from "../runtime/task-machine.ts";

/** Connections of one turn. */
const A_TURN = 16;

/** What is to be connected. */
export interface Waiting {
  open(): void;
  /** The queue is full by now. */
  refuse(): void;
}

export class Pace {
  readonly #clock: Pick<TaskClock, "after">;
  readonly #waiting = new Set<Waiting>();
  #left = A_TURN;
  #turn: Closeable | undefined;

  constructor(clock: Pick<TaskClock, "after">) {
    this.#clock = clock;
  }

  /** Connects it now or soon, in the order of asking; what is returned forgets it. */
  add(one: Waiting): Closeable {
    if (this.#left > 0 && this.#waiting.size === 0) this.#open(one);
    else this.#waiting.add(one);
    return { close: () => void this.#waiting.delete(one) };
  }

  /** What waits came before this was known: it would be refused as well. */
  refuseAll(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const one of all) one.refuse();
  }

  #open(one: Waiting): void {
    this.#left--;
    this.#turn ??= this.#clock.after(0, () => this.#next());
    one.open();
  }

  #next(): void {
    this.#turn = undefined;
    this.#left = A_TURN;
    for (const one of this.#waiting) {
      if (this.#left === 0) return;
      this.#waiting.delete(one);
      this.#open(one);
    }
  }
}
