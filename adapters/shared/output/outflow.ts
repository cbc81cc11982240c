/**
 * Writing to a pipe or terminal: as far as there is room at once, the rest
 * when there is. A reader that is slow or stuck is never waited for.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { clearTimeout, now, setTimeout } from "../originals/originals.ts";

/** Writes what there is room for and gives how many bytes that were, 0 for none. @throws where it has no reader any more */
export type WriteSome = (bytes: Uint8Array) => number;

/**
 * PIPE_BUF, on Linux and the least by POSIX: so much goes into a pipe as a
 * whole or not at all, see pipe(7). Deno's writeSync (DENO-WRITE-SYNC) goes on
 * by itself after a part and does not tell how much went out before it failed
 * (2.9.5).
 */
export const PIPE_PIECE: number = process.platform === "linux" ? 4096 : 512;

/** Writes to a descriptor that has O_NONBLOCK; 0 where there is no room. @throws the system's error */
export function writeByFs(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if ((error as { code?: string }).code === "EAGAIN") return 0;
    throw error;
  }
}

/** So many bytes wait for room: a tenth of a second of the busiest log. */
const ROOM = 256 * 1024;

/** How soon room is looked for again; less and less often where there is none. */
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 200;

/** How long the end waits for a reader that is slow: that of the process, and that of one place among others. */
const EXIT_MS = 250;
const END_MS = 1000;

/** The ones with something waiting. */
const waiting = new Set<Outflow>();
let watchesExit = false;

/** Takes texts whole or not at all, and writes them in order. */
export class Outflow {
  readonly #writeSome: WriteSome;
  readonly #piece: number;
  readonly #queue: Uint8Array[] = [];
  #size = 0;
  #gone = false;
  #pauseMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onEmpty: (() => void) | undefined;

  /** `piece` is the most bytes of one write. */
  constructor(writeSome: WriteSome, { piece = Infinity } = {}) {
    this.#writeSome = writeSome;
    this.#piece = piece;
  }

  /** True once a write found no reader. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Takes a text; false where it is lost, since too much waits already or there is no reader. */
  write(bytes: Uint8Array): boolean {
    if (!this.#flow()) return false;
    // A text of any size is taken where nothing else waits.
    if (this.#size > 0 && this.#size + bytes.length > ROOM) return false;
    let rest = bytes;
    if (this.#size === 0) {
      try {
        rest = bytes.subarray(this.#some(bytes));
      } catch {
        this.#gone = true;
        return false;
      }
      if (rest.length === 0) return true;
    }
    // A copy: the caller may use its bytes again.
    this.#queue.push(rest.slice());
    this.#size += rest.length;
    this.#await();
    return true;
  }

  /** Waits a moment for room, then drops what found none and gives how many lines that is. */
  abandon(): number {
    const end = now() + EXIT_MS;
    const cell = new Int32Array(new SharedArrayBuffer(4));
    while (this.#flow() && this.#size > 0 && now() < end) {
      Atomics.wait(cell, 0, 0, FIRST_RETRY_MS);
    }
    let lines = 0;
    for (const bytes of this.#queue) {
      for (const byte of bytes) if (byte === 10) lines++;
    }
    this.#clear();
    return lines;
  }

  /** Takes no more, and calls `run` once nothing waits; what finds no room within a second is dropped. */
  end(run: () => void): void {
    if (!this.#flow() || this.#size === 0) return run();
    this.#onEmpty = run;
    setTimeout(() => this.#clear(), END_MS).unref();
  }

  /** Writes what waits, as far as there is room; false where there is no reader, and it is dropped. */
  #flow(): boolean {
    try {
      while (this.#size > 0) {
        const first = this.#queue[0] as Uint8Array;
        const count = this.#some(first);
        if (count > 0) this.#pauseMs = FIRST_RETRY_MS;
        this.#size -= count;
        if (count < first.length) {
          this.#queue[0] = first.subarray(count);
          return true;
        }
        this.#queue.shift();
      }
    } catch {
      this.#gone = true;
      this.#clear();
      return false;
    }
    this.#clear();
    return true;
  }

  /** Writes pieces while there is room, and gives how many bytes went out. */
  #some(bytes: Uint8Array): number {
    let offset = 0;
    while (offset < bytes.length) {
      const end = Math.min(bytes.length, offset + this.#piece);
      const count = this.#writeSome(bytes.subarray(offset, end));
      if (count === 0) break;
      offset += count;
    }
    return offset;
  }

  /** Looks for room by a timer that keeps no process alive. */
  #await(): void {
    waiting.add(this);
    if (!watchesExit) process.on("exit", abandonAll);
    watchesExit = true;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_RETRY_MS);
      this.#flow();
      if (this.#size > 0) this.#await();
    }, this.#pauseMs);
    this.#timer.unref();
  }

  #clear(): void {
    this.#queue.length = 0;
    this.#size = 0;
    this.#pauseMs = FIRST_RETRY_MS;
    waiting.delete(this);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const run = this.#onEmpty;
    this.#onEmpty = undefined;
    run?.();
  }
}

function abandonAll(): void {
  for (const one of waiting) one.abandon();
}
