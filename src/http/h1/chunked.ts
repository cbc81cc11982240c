/** The chunked coding, read as bytes arrive: RFC 9112 section 7.1. */
import { CR, hexDigits, HTAB, LF, octets, SP, TOKEN, VALUE } from "./octets.ts";
import { Parser } from "./parser.ts";
import type { ParserOptions } from "./parser.ts";
import type { Verdict } from "./verdict.ts";

/** Digits of a chunk's size, zeros in front included. */
const MAX_DIGITS = 16;

/** Bytes of extensions that a whole body may have, RFC 9112 section 7.1.1. */
const MAX_EXTENSIONS = 8192;

const Stage = {
  size: 0,
  blank: 1,
  extension: 2,
  name: 3,
  afterName: 4,
  beforeValue: 5,
  token: 6,
  quoted: 7,
  escaped: 8,
  afterValue: 9,
  sizeLf: 10,
  data: 11,
  dataCr: 12,
  dataLf: 13,
  trailers: 14,
  done: 15,
} as const;

const SEMICOLON = 59;
const EQUALS = 61;
const QUOTE = 34;
const BACKSLASH = 92;

const refusals = {
  size: { status: 400, reason: "Invalid chunk size" },
  extension: { status: 400, reason: "Invalid chunk extension" },
  extensions: { status: 413, reason: "Too many chunk extensions" },
  lineEnd: { status: 400, reason: "Invalid line end in a chunk" },
  data: { status: 400, reason: "A chunk does not end where it should" },
  large: { status: 413, reason: "Content Too Large" },
} as const satisfies Record<string, Verdict>;

export class ChunkedDecoder {
  verdict: Verdict | undefined;
  /** The data that the last `push` found: bytes `from` to `to`; none where they are equal. */
  from = 0;
  to = 0;
  readonly #options: ParserOptions;
  #trailers: Parser | undefined;
  #stage: number = Stage.size;
  #digits = 0;
  #left = 0;
  #total = 0;
  #extensions = 0;

  constructor(options: ParserOptions) {
    this.#options = options;
  }

  get done(): boolean {
    return this.#stage === Stage.done;
  }

  /** Trailers: names in lower case and values, one after the other. */
  get trailers(): readonly string[] {
    return this.#trailers?.trailers ?? [];
  }

  /** Reads from `at` to the end of a piece of data, of the body or of the bytes; gives the place reached. */
  push(bytes: Uint8Array, at: number): number {
    this.from = this.to = at;
    const end = bytes.length;
    while (at < end) {
      if (this.#stage === Stage.data) {
        const size = Math.min(this.#left, end - at);
        this.from = at;
        this.to = at + size;
        this.#left -= size;
        if (this.#left === 0) this.#stage = Stage.dataCr;
        return this.to;
      }
      if (this.#stage === Stage.trailers) {
        const trailers = this.#trailers ??= new Parser(
          this.#options,
          "trailers",
        );
        const next = trailers.push(bytes, at);
        this.verdict = trailers.verdict;
        if (next < 0) return end;
        this.#stage = Stage.done;
        return next;
      }
      this.verdict = this.#step(bytes[at] as number);
      if (this.verdict !== undefined) return at;
      at++;
    }
    return at;
  }

  /** Reads one byte of a chunk's frame. */
  #step(byte: number): Verdict | undefined {
    switch (this.#stage) {
      case Stage.size: {
        const digit = hexDigits[byte] as number;
        if (digit !== 255) {
          if (++this.#digits > MAX_DIGITS) return refusals.size;
          this.#left = this.#left * 16 + digit;
          return;
        }
        if (this.#digits === 0) return refusals.size;
        this.#stage = Stage.blank;
        return this.#endOfPart(byte, refusals.size);
      }
      case Stage.dataCr:
        this.#stage = Stage.dataLf;
        return byte === CR ? undefined : refusals.data;
      case Stage.dataLf:
        this.#digits = 0;
        this.#stage = Stage.size;
        return byte === LF ? undefined : refusals.data;
      case Stage.sizeLf:
        return byte === LF ? this.#begin() : refusals.lineEnd;
    }
    if (++this.#extensions > MAX_EXTENSIONS) return refusals.extensions;
    return this.#stepExtension(byte);
  }

  /** `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` */
  #stepExtension(byte: number): Verdict | undefined {
    const blank = byte === SP || byte === HTAB;
    const token = (octets[byte]! & TOKEN) !== 0;
    switch (this.#stage) {
      case Stage.blank:
        if (blank) return;
        // White space belongs to the extension that must follow it.
        if (byte === CR) return refusals.extension;
        return this.#endOfPart(byte, refusals.extension);
      case Stage.extension:
        if (blank) return;
        this.#stage = Stage.name;
        return token ? undefined : refusals.extension;
      case Stage.name:
        if (token) return;
        this.#stage = Stage.afterName;
        return this.#afterName(byte, blank);
      case Stage.afterName:
        return this.#afterName(byte, blank);
      case Stage.beforeValue:
        if (blank) return;
        this.#stage = byte === QUOTE ? Stage.quoted : Stage.token;
        return token || byte === QUOTE ? undefined : refusals.extension;
      case Stage.token:
        if (token) return;
        this.#stage = Stage.afterValue;
        return blank ? undefined : this.#endOfPart(byte, refusals.extension);
      case Stage.quoted:
        if (byte === BACKSLASH) this.#stage = Stage.escaped;
        else if (byte === QUOTE) this.#stage = Stage.afterValue;
        return (octets[byte]! & VALUE) !== 0 ? undefined : refusals.extension;
      case Stage.escaped:
        this.#stage = Stage.quoted;
        return (octets[byte]! & VALUE) !== 0 ? undefined : refusals.extension;
      default: // After a value.
        return blank ? undefined : this.#endOfPart(byte, refusals.extension);
    }
  }

  #afterName(byte: number, blank: boolean): Verdict | undefined {
    if (blank) return;
    if (byte !== EQUALS) return this.#endOfPart(byte, refusals.extension);
    this.#stage = Stage.beforeValue;
  }

  /** What may follow a whole part: another extension, or the line's end. */
  #endOfPart(byte: number, otherwise: Verdict): Verdict | undefined {
    if (byte === CR) this.#stage = Stage.sizeLf;
    else if (byte === SEMICOLON) this.#stage = Stage.extension;
    else if (byte !== SP && byte !== HTAB) return otherwise;
  }

  /** Begins a chunk's data, or what follows the last chunk. */
  #begin(): Verdict | undefined {
    const { requestBody } = this.#options.limits;
    this.#total += this.#left;
    const most = requestBody === 0 ? Number.MAX_SAFE_INTEGER : requestBody;
    if (this.#total > most) return refusals.large;
    this.#stage = this.#left === 0 ? Stage.trailers : Stage.data;
  }
}
