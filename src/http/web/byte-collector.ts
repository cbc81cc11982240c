/** Bytes that are put together as they come, where they cannot be kept as they are. */

/** Memory that is taken at first, however much is announced. */
const FIRST_BYTES = 256 * 1024;

export class Gathered {
  #bytes: Uint8Array<ArrayBuffer>;
  #size = 0;
  readonly #announced: number;

  /** `announced` is how many bytes there will be; 0 where it is not known. */
  constructor(announced: number) {
    this.#announced = announced;
    this.#bytes = new Uint8Array(Math.min(announced, FIRST_BYTES));
  }

  /** Copies `piece` from `from` to `to` to the end. */
  add(piece: Uint8Array, from: number, to: number): void {
    const size = this.#size + to - from;
    if (size > this.#bytes.length) this.#grow(size);
    // A view for a few bytes costs more than they do.
    if (to - from < 16) {
      for (let at = from; at < to; at++) this.#bytes[this.#size++] = piece[at]!;
    } else {
      this.#bytes.set(piece.subarray(from, to), this.#size);
      this.#size = size;
    }
  }

  /** All that was added. */
  get bytes(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes;
    return bytes.length === this.#size ? bytes : bytes.subarray(0, this.#size);
  }

  #grow(size: number): void {
    const { length } = this.#bytes;
    // More than was announced is never needed, so less of it is copied again.
    const enough = this.#announced === 0
      ? Math.max(size, 2 * length)
      : Math.max(size, Math.min(4 * length, this.#announced));
    const grown = new Uint8Array(enough);
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
  }
}
