/** What `entries()`, `keys()` and `values()` of headers give, by Web IDL section 3.7.10. */

/** A name and a value. */
export type Pair = readonly [string, string];

/** Goes through pairs by place: what is changed meanwhile is seen, as the standard wants it. */
class PairIterator<T> {
  readonly #pairs: () => readonly Pair[];
  readonly #pick: (pair: Pair) => T;
  #at = 0;

  constructor(pairs: () => readonly Pair[], pick: (pair: Pair) => T) {
    this.#pairs = pairs;
    this.#pick = pick;
  }

  next(): IteratorResult<T, undefined> {
    const pair = this.#pairs()[this.#at];
    if (pair === undefined) return { value: undefined, done: true };
    this.#at++;
    return { value: this.#pick(pair), done: false };
  }
}

const { prototype } = PairIterator;
Reflect.deleteProperty(prototype, "constructor");
Object.setPrototypeOf(
  prototype,
  // What all iterators of the language inherit from.
  Object.getPrototypeOf(Object.getPrototypeOf([].values())),
);
Object.defineProperties(prototype, {
  next: { enumerable: true },
  [Symbol.toStringTag]: { value: "Headers Iterator", configurable: true },
});

/** Goes through what `pairs` gives, and takes of each what `pick` does. */
export function iteratePairs<T>(
  pairs: () => readonly Pair[],
  pick: (pair: Pair) => T,
): IterableIterator<T> {
  return new PairIterator(pairs, pick) as unknown as IterableIterator<T>;
}
