/** What was written on a connection and the kernel has not taken yet. */

/** A piece of fewer bytes is put together with those before it: a write of its own costs more than its bytes. */
const SMALL_BYTES = 16 * 1024;
/** The least and the most memory that is taken for small pieces at once. */
const LEAST_BLOCK = 4 * 1024;
const MOST_BLOCK = 64 * 1024;

/** Bytes, of which those between `from` and `to` wait. */
interface Piece {
  readonly bytes: Uint8Array;
  from: number;
  to: number;
}

export class Unsent {
  /** Bytes that wait. */
  size = 0;
  readonly #pieces: Piece[] = [];

  /** Adds bytes; a copy of them where they are `lent`. */
  add(bytes: Uint8Array, lent: boolean): void {
    const { length } = bytes;
    if (length === 0) return;
    const last = this.#pieces.at(-1);
    if (length >= SMALL_BYTES) {
      this.#push(lent ? new Uint8Array(bytes) : bytes, length);
    } else if (last !== undefined && last.bytes.length - last.to >= length) {
      last.bytes.set(bytes, last.to);
      last.to += length;
    } else {
      const wanted = Math.max(LEAST_BLOCK, 2 * this.size, length);
      const block = new Uint8Array(Math.min(wanted, MOST_BLOCK));
      block.set(bytes);
      this.#push(block, length);
    }
    this.size += length;
  }

  /** What is to be written next; nothing where all was. */
  get first(): Uint8Array {
    const [piece] = this.#pieces;
    return piece === undefined
      ? new Uint8Array()
      : piece.bytes.subarray(piece.from, piece.to);
  }

  /** So many bytes of the first piece were taken. */
  drop(count: number): void {
    const [piece] = this.#pieces;
    if (piece === undefined) return;
    piece.from += count;
    this.size -= count;
    if (piece.from === piece.to) this.#pieces.shift();
  }

  #push(bytes: Uint8Array, to: number): void {
    this.#pieces.push({ bytes, from: 0, to });
  }
}
