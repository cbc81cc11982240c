/** Text that is decoded as its bytes come, so that not both are held. */
import { Block } from "./block.ts";

/** Bytes that are decoded at once. */
const BLOCK_BYTES = 256 * 1024;

const decoder = new TextDecoder();
/** What follows the first bytes has no byte order mark of the text's. */
const later = new TextDecoder("utf-8", { ignoreBOM: true });

export class GatheredText {
  readonly #block = new Block({ announced: 0, most: BLOCK_BYTES });
  #text = "";
  #begun = false;

  /** Adds the bytes of `piece` from `from` to `to`. */
  add(piece: Uint8Array, from: number, to: number): void {
    while ((from = this.#block.put(piece, from, to)) < to) {
      this.#decode(wholeLength(this.#block.bytes));
    }
  }

  /** All that was added, once. */
  take(): string {
    this.#decode(this.#block.size);
    return this.#text;
  }

  /** Decodes the first `length` bytes, and keeps the others. */
  #decode(length: number): void {
    const { bytes, size } = this.#block;
    this.#text += (this.#begun ? later : decoder).decode(
      bytes.subarray(0, length),
    );
    this.#begun = true;
    bytes.copyWithin(0, length, size);
    this.#block.size = size - length;
  }
}

/** How many bytes are before a character whose end may be missing. */
export function wholeLength(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let at = length - 1; at >= length - 3; at--) {
    const byte = bytes[at] as number;
    // A character's first byte, where more follow.
    if (byte >= 0xc0) return at;
    if (byte < 0x80) break;
  }
  return length;
}
