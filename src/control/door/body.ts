/** The body of a request, whole before anything is done. */
import { ChunkedDecoder } from "../../http/h1/chunked.ts";
import type { Head } from "../../http/h1/head.ts";
import type { ParserOptions } from "../../http/h1/parser.ts";
import type { Verdict } from "../../http/h1/verdict.ts";

export class Body {
  /** The head that it came after. */
  readonly head: Head;
  /** Why it cannot be read. */
  verdict: Verdict | undefined;
  readonly #pieces: Uint8Array[] = [];
  readonly #decoder: ChunkedDecoder | undefined;
  #size = 0;
  #left: number;

  /** The parser refuses a head whose body would be too long; the decoder one that becomes so. */
  constructor(head: Head, options: ParserOptions) {
    this.head = head;
    this.#left = head.length;
    if (head.framing === "chunked") this.#decoder = new ChunkedDecoder(options);
  }

  get done(): boolean {
    return this.#decoder?.done ?? this.#left === 0;
  }

  /** Reads from `at` on; gives the place reached. */
  read(bytes: Uint8Array, at: number): number {
    const decoder = this.#decoder;
    if (decoder === undefined) {
      const end = Math.min(bytes.length, at + this.#left);
      this.#left -= end - at;
      this.#keep(bytes, at, end);
      return end;
    }
    while (at < bytes.length && !decoder.done && this.verdict === undefined) {
      at = decoder.push(bytes, at);
      this.#keep(bytes, decoder.from, decoder.to);
      this.verdict = decoder.verdict;
    }
    return at;
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    this.#pieces.push(bytes.slice(from, to));
    this.#size += to - from;
  }

  /** All of it. */
  bytes(): Uint8Array {
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}
