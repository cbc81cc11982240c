/** Streams take turns with everything else: what is there at once is sent in slices, between which the event loop goes on. */

/** How long a stream may be written without a pause. */
export const SLICE_MS = 4;

export class Turns {
  readonly #soon: (run: () => void) => void;
  readonly #waiting: (() => void)[] = [];
  readonly #wake = () => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) this.#soon(this.#wake);
  };

  /** `soon` calls a function in the next turn of the event loop. */
  constructor(soon: (run: () => void) => void) {
    this.#soon = soon;
  }

  /** Resolves in a later turn of the loop, one waiter in each. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) this.#soon(this.#wake);
    });
  }
}
