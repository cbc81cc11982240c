/** What a client sends behind its open request, until that is answered. */

/** What is taken of it, so that the end behind it is seen. */
const HELD_BYTES = 16 * 1024;

export class HeldBytes {
  #bytes: Uint8Array | undefined;

  get empty(): boolean {
    return this.#bytes === undefined;
  }

  /** True where no more should come. */
  get full(): boolean {
    return this.#bytes !== undefined && this.#bytes.length >= HELD_BYTES;
  }

  /** Keeps bytes behind those that are held; copies them where they are `lent`. */
  add(bytes: Uint8Array, lent: boolean): void {
    const held = this.#bytes;
    if (held === undefined) {
      this.#bytes = lent ? new Uint8Array(bytes) : bytes;
      return;
    }
    const joined = new Uint8Array(held.length + bytes.length);
    joined.set(held);
    joined.set(bytes, held.length);
    this.#bytes = joined;
  }

  /** Gives what is held, and holds nothing. */
  take(): Uint8Array | undefined {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    return bytes;
  }
}
