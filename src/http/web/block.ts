/** Memory that is filled from its start. */

/** Memory that is taken at first, however much is announced. */
const FIRST_BYTES = 256 * 1024;
/** Memory that is taken next where a little was not enough. */
const NEXT_BYTES = 1024;
/** Less is left to the collector. */
const FREED_BYTES = 64 * 1024;

export interface BlockOptions {
  /** How many bytes there will be; 0 where it is not known. */
  readonly announced: number;
  /** How many it holds at most. */
  readonly most: number;
}

/** Memory that grows as it is filled. */
export class Block {
  bytes: Uint8Array<ArrayBuffer>;
  /** How much of it is filled. */
  size = 0;
  readonly #options: BlockOptions;

  constructor(options: BlockOptions) {
    const { announced, most } = options;
    this.#options = options;
    this.bytes = new Uint8Array(Math.min(announced, FIRST_BYTES, most));
  }

  /** Copies what it has room for of `piece` from `from` to `to`; gives the place reached. */
  put(piece: Uint8Array, from: number, to: number): number {
    to = Math.min(to, from + this.#options.most - this.size);
    const size = this.size + to - from;
    if (size > this.bytes.length) this.#grow(size);
    // A view for a few bytes costs more than they do.
    if (to - from < 16) {
      for (let at = from; at < to; at++) this.bytes[this.size++] = piece[at]!;
    } else {
      this.bytes.set(piece.subarray(from, to), this.size);
      this.size = size;
    }
    return to;
  }

  /** What is filled. */
  get filled(): Uint8Array<ArrayBuffer> {
    const { bytes, size } = this;
    return bytes.length === size ? bytes : bytes.subarray(0, size);
  }

  #grow(size: number): void {
    const { bytes } = this;
    const { announced, most } = this.#options;
    // More than was announced is never needed, so less of it is copied again.
    const wanted = announced > 0
      ? Math.min(4 * bytes.length, announced)
      : bytes.length > 0
      ? Math.max(2 * bytes.length, NEXT_BYTES)
      : 0;
    this.bytes = new Uint8Array(Math.min(Math.max(size, wanted), most));
    this.bytes.set(bytes.subarray(0, this.size));
    free(bytes);
  }
}

/** Gives much memory back at once, and not when the collector finds it; nothing may use it any more. */
export function free({ buffer }: Uint8Array<ArrayBuffer>): void {
  if (buffer.byteLength >= FREED_BYTES) buffer.transfer(0);
}
