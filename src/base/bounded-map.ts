/** Answers that are remembered, as many as were agreed on and no more: where a client chooses the keys, it cannot make them grow. */

export class BoundedMap<Key, Value> {
  readonly #most: number;
  readonly #known = new Map<Key, Value>();

  /** `most` is how many keys there may be. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#known.size;
  }

  get(key: Key): Value | undefined {
    return this.#known.get(key);
  }

  /** Remembers a value; where there is no room for its key, all others are forgotten. */
  set(key: Key, value: Value): void {
    const known = this.#known;
    if (known.size >= this.#most && !known.has(key)) known.clear();
    known.set(key, value);
  }
}
