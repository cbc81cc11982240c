/** What goes out on a connection: small parts are gathered, a slow client is waited for, and a fast one leaves others their turn. */
import { SLICE_MS } from "./turns.ts";
import type { Turns } from "./turns.ts";
import type { Channel } from "../../runtime/transport.ts";

/** What an output needs beside its channel. */
export interface OutputOptions {
  /** The time lived through, for limits. */
  now(): number;
  /** The clock's time: that which is lived through may rest until the event loop goes on. */
  clock(): number;
  /** Calls `run` after what is at hand now was done. */
  soon(run: () => void): void;
  readonly turns: Turns;
}

/** Text that is gathered before it is written. */
const MAX_GATHERED = 64 * 1024;

/** Bytes that are written at once; between two pieces a slow client is seen. */
const PIECE = 256 * 1024;

export class Output {
  /** True while the client takes less than there is. */
  blocked = false;
  /** True when the connection is gone. */
  closed = false;
  /** How often something was written. */
  writes = 0;
  /** When the writing began that goes on without a pause. */
  #sliceAt = 0;
  /** When it began to, or last took something. */
  #movedAt = 0;
  /** What it had not taken at the last check. */
  #pending = 0;
  /** True while texts are kept for one write, which `flush` ends. */
  gathers = false;
  readonly #channel: Channel;
  readonly #options: OutputOptions;
  #text = "";
  #wake: (() => void) | undefined;

  constructor(channel: Channel, options: OutputOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  /** Keeps text (a byte each character) for the next write. */
  add(text: string): void {
    this.#text += text;
  }

  /** Writes text, bytes and more text, after what was kept. */
  write(text: string, bytes?: Uint8Array, after: string = ""): void {
    this.#text += text;
    if (bytes !== undefined) this.#write(bytes, after);
    else if (!this.gathers || this.#text.length > MAX_GATHERED) this.flush();
  }

  /** Writes what was kept. */
  flush(): void {
    if (this.#text !== "") this.#write(undefined, "");
  }

  /** Calls `run` after what is at hand, and writes what is kept then. */
  flushSoon(run: () => void): void {
    this.#options.soon(() => {
      run();
      this.flush();
    });
  }

  /** Writes bytes of any size piece by piece, and counts them where that is wanted. */
  async writeAll(
    bytes: Uint8Array,
    observed?: { bytes: number },
  ): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      this.write("", piece);
      if (observed !== undefined) observed.bytes += piece.length;
      const pause = this.pause();
      if (pause !== undefined) await pause;
      if (this.closed) return;
    }
  }

  /** True where bytes are better written by `writeAll`. */
  static isLarge(bytes: Uint8Array): boolean {
    return bytes.length > PIECE;
  }

  /** Begins to write what takes more than one write. */
  begin(): void {
    this.#sliceAt = this.#options.clock();
  }

  /**
   * After a write, where more follows: resolves when the client has taken what
   * there is, or when others had their turn; undefined where to go on at once.
   */
  pause(): Promise<void> | undefined {
    if (this.closed) return undefined;
    if (this.blocked) return this.#moved();
    const { clock, turns } = this.#options;
    if (clock() - this.#sliceAt < SLICE_MS) return undefined;
    return turns.next().then(() => this.begin());
  }

  async #moved(): Promise<void> {
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.begin();
  }

  /** True while something is on its way, as `isStuck` saw it last. */
  get busy(): boolean {
    return this.blocked || this.#pending > 0;
  }

  /** True where all that was written is out: nothing reads its bytes any more. */
  get isOut(): boolean {
    return !this.closed && !this.blocked && this.#text === "" &&
      this.#channel.pending() === 0;
  }

  /** True where the client took nothing for so long. Call it from time to time: it sees what was taken in between. */
  isStuck(now: number, ms: number): boolean {
    const before = this.#pending;
    this.#pending = this.#channel.pending();
    if (!this.busy) return false;
    if (!this.blocked && before === 0) this.#movedAt = now;
    if (this.#pending < before) this.#movedAt = now;
    return ms > 0 && now - this.#movedAt >= ms;
  }

  /** The client is gone. */
  close(): void {
    this.closed = true;
    this.move();
  }

  /** The client has taken all. */
  move(): void {
    this.blocked = false;
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #write(bytes: Uint8Array | undefined, after: string): void {
    const text = this.#text;
    this.#text = "";
    this.writes++;
    if (this.#channel.write(text, bytes, after) || this.blocked) return;
    this.blocked = true;
    this.#movedAt = this.#options.now();
    this.#pending = this.#channel.pending();
  }
}
