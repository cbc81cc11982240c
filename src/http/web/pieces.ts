/** Pieces of a body that wait for the app: large ones as they came, small ones put together, since each costs more than its bytes. */

/** A piece of fewer bytes is copied to those before it. */
const SMALL_BYTES = 2048;
/** The least and the most memory that is taken for small pieces at once. */
const LEAST_BLOCK = 2 * SMALL_BYTES;
const MOST_BLOCK = 64 * 1024;

export class Pieces {
  /** Bytes that are held. */
  size = 0;
  readonly #whole: Uint8Array[] = [];
  /** Memory for small pieces, which come after the whole ones. */
  #block: Uint8Array | undefined;
  #filled = 0;

  /** Takes `bytes` from `from` to `to`; a copy of them where they are `lent`. */
  add(
    bytes: Uint8Array,
    { from, to, lent }: {
      readonly from: number;
      readonly to: number;
      readonly lent: boolean;
    },
  ): void {
    const size = to - from;
    if (size >= SMALL_BYTES || this.size === 0) {
      this.#seal();
      this.#whole.push(
        lent
          ? new Uint8Array(bytes.subarray(from, to))
          : bytes.subarray(from, to),
      );
    } else {
      this.#copy(bytes, from, to);
    }
    this.size += size;
  }

  /** The first piece, which is no longer held. */
  shift(): Uint8Array | undefined {
    if (this.#whole.length === 0) this.#seal();
    const piece = this.#whole.shift();
    if (piece !== undefined) this.size -= piece.length;
    return piece;
  }

  /** All of them, which are no longer held. */
  take(): Uint8Array[] {
    this.#seal();
    this.size = 0;
    return this.#whole.splice(0);
  }

  #copy(bytes: Uint8Array, from: number, to: number): void {
    let block = this.#block;
    if (block !== undefined && block.length - this.#filled < to - from) {
      this.#seal();
      block = new Uint8Array(Math.min(2 * block.length, MOST_BLOCK));
    }
    block ??= new Uint8Array(LEAST_BLOCK);
    // A view for a few bytes costs more than they do.
    if (to - from < 16) {
      for (let at = from; at < to; at++) block[this.#filled++] = bytes[at]!;
    } else {
      block.set(bytes.subarray(from, to), this.#filled);
      this.#filled += to - from;
    }
    this.#block = block;
  }

  /** What was put together becomes a piece, without memory that it does not need. */
  #seal(): void {
    const block = this.#block;
    if (block === undefined) return;
    const filled = this.#filled;
    this.#whole.push(
      2 * filled < block.length
        ? block.slice(0, filled)
        : block.subarray(0, filled),
    );
    this.#block = undefined;
    this.#filled = 0;
  }
}
