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

/** A chunk of fewer bytes is moved to those before it: what is done with a piece costs more than its bytes. */
const SMALL_BYTES = 2048;

export class ChunkedDecoder {
  verdict: Verdict | undefined;
  /** The data that the last `push` found: bytes `from` to `to`, also before a verdict; none where they are equal. */
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

  /**
   * Reads from `at` to the end of a piece of data, of the body or of the bytes;
   * gives the place reached. Moves the data of small chunks together within
   * what it has read of `bytes`.
   */
  push(bytes: Uint8Array, at: number): number {
    this.from = this.to = at;
    const end = bytes.length;
    while (at < end) {
      if (this.#stage === Stage.data) {
        const size = Math.min(this.#left, end - at);
        if (this.from === this.to) this.from = this.to = at;
        else if (size >= SMALL_BYTES) return at;
        else bytes.copyWithin(this.to, at, at + size);
        this.to += size;
        this.#left -= size;
        at += size;
        if (this.#left > 0) return at;
        this.#stage = Stage.dataCr;
        at = this.#skim(bytes, at);
        continue;
      }
      if (this.#stage === Stage.trailers) {
        const trailers = this.#trailers ??= new Parser(
          this.#options,
          "trailers",
        );
        const next = trailers.push(bytes, at);
        this.verdict = trailers.verdict;
        if (next === -1) return end;
        this.#stage = Stage.done;
        return next;
      }
      this.verdict = this.#step(bytes[at] as number);
      if (this.verdict !== undefined) return at;
      at++;
    }
    return at;
  }

  /** Reads whole chunks of up to 15 bytes behind one that was read, as long as they are plain; gives the place reached. */
  #skim(bytes: Uint8Array, at: number): number {
    const most = this.#most - this.#total;
    let { to } = this;
    let total = 0;
    while (at + 5 < bytes.length) {
      const size = hexDigits[bytes[at + 2] as number] as number;
      const next = at + 5 + size;
      if (
        bytes[at] !== CR || bytes[at + 1] !== LF || size === 0 || size > 15 ||
        bytes[at + 3] !== CR || bytes[at + 4] !== LF || next > bytes.length ||
        total + size > most
      ) break;
      for (at += 5; at < next; at++) bytes[to++] = bytes[at] as number;
      total += size;
    }
    this.to = to;
    this.#total += total;
    return at;
  }

  /** How many bytes the body may have. */
  get #most(): number {
    return this.#options.limits.requestBody || Number.MAX_SAFE_INTEGER;
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
    this.#total += this.#left;
    if (this.#total > this.#most) return refusals.large;
    this.#stage = this.#left === 0 ? Stage.trailers : Stage.data;
  }
}
