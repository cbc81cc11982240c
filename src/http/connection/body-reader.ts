/** Reads the body of one request off its connection. */
import type { IncomingBody } from "../web/body.ts";
import { ChunkedDecoder } from "../h1/chunked.ts";
import type { Head } from "../h1/head.ts";
import type { ParserOptions } from "../h1/parser.ts";
import type { Verdict } from "../h1/verdict.ts";

export class BodyReader {
  /** Why the client is refused. */
  verdict: Verdict | undefined;
  readonly #body: IncomingBody;
  readonly #decoder: ChunkedDecoder | undefined;
  #left: number;

  constructor(head: Head, body: IncomingBody, options: ParserOptions) {
    this.#body = body;
    this.#left = head.length;
    if (head.framing === "chunked") this.#decoder = new ChunkedDecoder(options);
  }

  /** True once the body's last byte was read. */
  get done(): boolean {
    return this.#decoder === undefined ? this.#left === 0 : this.#decoder.done;
  }

  /** How many bytes are still to come; Infinity for chunks. */
  get left(): number {
    return this.#decoder === undefined ? this.#left : Infinity;
  }

  /** Reads from `at` to the body's or the bytes' end; gives the place reached. */
  read(bytes: Uint8Array, at: number): number {
    const decoder = this.#decoder;
    if (decoder === undefined) {
      const to = Math.min(bytes.length, at + this.#left);
      this.#left -= to - at;
      this.#body.push(bytes, at, to);
      at = to;
    }
    while (decoder !== undefined && at < bytes.length && !decoder.done) {
      at = decoder.push(bytes, at);
      if (decoder.to > decoder.from) {
        this.#body.push(bytes, decoder.from, decoder.to);
      }
      this.verdict = decoder.verdict;
      if (this.verdict !== undefined) return at;
    }
    if (this.done) {
      if (decoder !== undefined) this.#body.trailers = decoder.trailers;
      this.#body.end();
    }
    return at;
  }
}
