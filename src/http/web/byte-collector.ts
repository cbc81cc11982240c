/** Bytes that are put together as they come, where they cannot be kept as they are. */
import { Block, free } from "./block.ts";

/** Where nothing is announced, memory is taken in blocks of so many bytes: to grow one that holds all would take three times as much. */
const BLOCK_BYTES = 256 * 1024;

const NEXT = { announced: BLOCK_BYTES, most: BLOCK_BYTES };

export class Gathered {
  #block: Block;
  /** Full blocks before it. */
  #full: Uint8Array<ArrayBuffer>[] = [];

  /** `announced` is how many bytes there will be; 0 where it is not known. */
  constructor(announced: number) {
    this.#block = new Block({ announced, most: announced || BLOCK_BYTES });
  }

  /** Copies `piece` from `from` to `to` to the end. */
  add(piece: Uint8Array, from: number, to: number): void {
    while ((from = this.#block.put(piece, from, to)) < to) {
      this.#full.push(this.#block.bytes);
      this.#block = new Block(NEXT);
    }
  }

  /** All that was added, once. */
  take(): Uint8Array<ArrayBuffer> {
    const last = this.#block.filled;
    if (this.#full.length === 0) return last;
    const blocks = [...this.#full.splice(0), last];
    const size = blocks.reduce((sum, { length }) => sum + length, 0);
    const all = new Uint8Array(size);
    let at = 0;
    for (const block of blocks) {
      all.set(block, at);
      at += block.length;
      free(block);
    }
    return all;
  }
}
