/**
 * The head of a request and the trailers of a body, read as bytes arrive
 * (RFC 9112 sections 2, 3, 5 and 7.1.2). Nothing is forgiven that two readers
 * could read in two ways, and nothing is held that is beyond a limit.
 */
import { allowedInTrailers, framesMessage, FramingFields } from "./fields.ts";
import {
  DIGIT,
  framingNames,
  MAX_METHOD,
  refusals,
  Stage,
  VERSION,
} from "./head-stages.ts";
import { Head } from "./head.ts";
import type { WireLimits } from "./limits.ts";
import { makeHead } from "./make-head.ts";
import {
  COLON,
  CR,
  HTAB,
  LF,
  octets,
  SP,
  STABLE,
  TARGET,
  TOKEN,
  VALUE,
} from "./octets.ts";
import type { Verdict } from "./verdict.ts";

/** Makes a string of bytes, a character each (ISO 8859-1). */
export type Latin1 = (bytes: Uint8Array, from: number, to: number) => string;

/** What a parser needs. */
export interface ParserOptions {
  readonly limits: WireLimits;
  readonly latin1: Latin1;
  /** The origin of a request of HTTP/1.0 that names no host. */
  readonly origin: string;
  /** True for connections that speak TLS. */
  readonly secure?: boolean;
}

export class Parser {
  /** Why the client is refused; nothing may be fed after it. */
  verdict: Verdict | undefined;
  /** The head that was read, after `push` gave a place. */
  head: Head | undefined;
  /** Trailers: names in lower case and values, one after the other. */
  trailers: string[] = [];
  readonly #options: ParserOptions;
  readonly #first: number;
  #stage: number;
  /** The bytes of an unfinished head; those that arrived whole are never copied. */
  #held: Uint8Array | undefined;
  #size = 0;
  /** Where reading goes on, and parts begin and end: from the head's first byte. */
  #at = 0;
  #line = 0;
  #methodEnd = 0;
  #targetEnd = 0;
  #mark = 0;
  #nameEnd = 0;
  #major = 0;
  #minor = 0;
  #seen = 0xff;
  #blankLine = false;
  #offsets: number[] = [];
  #framingFields: FramingFields;

  /** Reads heads, one after the other; or the trailer section of one body. */
  constructor(options: ParserOptions, kind: "heads" | "trailers" = "heads") {
    this.#options = options;
    this.#framingFields = new FramingFields(options.secure);
    this.#first = kind === "heads" ? Stage.start : Stage.field;
    this.#stage = this.#first;
  }

  /** True while a head is begun and not read to its end. */
  get underway(): boolean {
    return this.#stage !== this.#first || this.#size > 0;
  }

  /** Reads from `at` on; gives the place after the end, or -1 where more is needed or there is a verdict. */
  push(bytes: Uint8Array, at: number): number {
    const held = this.#held;
    if (held === undefined) {
      const end = this.#scan(bytes, at, bytes.length);
      if (end === -1 && this.verdict === undefined) this.#hold(bytes, at);
      return end;
    }
    const before = this.#size;
    this.#hold(bytes, at);
    const end = this.#scan(this.#held as Uint8Array, 0, this.#size);
    return end === -1 ? end : at + end - before;
  }

  #hold(bytes: Uint8Array, at: number): void {
    const size = this.#size + bytes.length - at;
    let held = this.#held;
    if (held === undefined || held.length < size) {
      const grown = new Uint8Array(Math.max(1024, 2 * size));
      if (held !== undefined) grown.set(held.subarray(0, this.#size));
      this.#held = held = grown;
    }
    held.set(at === 0 ? bytes : bytes.subarray(at), this.#size);
    this.#size = size;
  }

  #refuse(verdict: Verdict): -1 {
    this.verdict = verdict;
    this.#held = undefined;
    return -1;
  }

  /** Reads `bytes` from `start + #at` on, where `start` is the head's first byte. */
  #scan(bytes: Uint8Array, start: number, end: number): number {
    const { requestLine, requestFields, requestFieldSize } =
      this.#options.limits;
    let at = start + this.#at;
    let stage = this.#stage;
    while (at < end) {
      switch (stage) {
        case Stage.start: {
          const byte = bytes[at] as number;
          // One empty line before the request line is let pass, RFC 9112 section 2.2.
          if (byte === CR && !this.#blankLine) {
            this.#blankLine = true;
            stage = Stage.startLf;
            at++;
            continue;
          }
          this.#line = at - start;
          stage = Stage.method;
          continue;
        }
        case Stage.startLf:
          if (bytes[at] !== LF) return this.#refuse(refusals.start);
          at++;
          stage = Stage.start;
          continue;
        case Stage.method: {
          const line = start + this.#line;
          const stop = Math.min(end, line + MAX_METHOD + 1);
          while (at < stop && (octets[bytes[at]!]! & TOKEN) !== 0) at++;
          if (at === stop) {
            if (at < end) return this.#refuse(refusals.method);
            break;
          }
          if (bytes[at] !== SP || at === line) {
            return this.#refuse(refusals.start);
          }
          this.#methodEnd = at - start;
          at++;
          stage = Stage.target;
          continue;
        }
        case Stage.target: {
          const most = start + this.#line + requestLine;
          const stop = most < end ? most : end;
          let seen = this.#seen;
          let bits = 0;
          while (at < stop && ((bits = octets[bytes[at]!]!) & TARGET) !== 0) {
            seen &= bits;
            at++;
          }
          this.#seen = seen;
          if (at === stop) {
            if (at >= most) return this.#refuse(refusals.targetSize);
            break;
          }
          if (bytes[at] !== SP || at - start === this.#methodEnd + 1) {
            return this.#refuse(refusals.target);
          }
          this.#targetEnd = at - start;
          at++;
          stage = Stage.version;
          continue;
        }
        case Stage.version: {
          const from = start + this.#targetEnd + 1;
          while (at < end && at - from < VERSION.length) {
            const byte = bytes[at]!;
            const wanted = VERSION[at - from]!;
            if (wanted === DIGIT) {
              if (byte < 48 || byte > 57) {
                return this.#refuse(refusals.version);
              }
              if (at - from === 5) this.#major = byte - 48;
              // A minor version that is not known yet is read as the latest known, RFC 9110 section 2.5.
              if (at - from === 7) this.#minor = byte === 48 ? 0 : 1;
            } else if (byte !== wanted) {
              return this.#refuse(refusals.version);
            }
            at++;
          }
          if (at - from < VERSION.length) break;
          if (this.#major !== 1) return this.#refuse(refusals.newer);
          if (at - 2 - start - this.#line > requestLine) {
            return this.#refuse(refusals.targetSize);
          }
          stage = Stage.field;
          continue;
        }
        case Stage.field: {
          const byte = bytes[at]!;
          if (byte === CR) {
            at++;
            stage = Stage.endLf;
            continue;
          }
          if (byte === SP || byte === HTAB) return this.#refuse(refusals.fold);
          if (this.#offsets.length >= 4 * requestFields) {
            return this.#refuse(refusals.fields);
          }
          this.#line = at - start;
          stage = Stage.name;
          continue;
        }
        case Stage.name: {
          const most = start + this.#line + requestFieldSize - 2;
          const stop = most < end ? most : end;
          while (at < stop && (octets[bytes[at]!]! & TOKEN) !== 0) at++;
          if (at === stop) {
            if (at >= most) return this.#refuse(refusals.fieldSize);
            break;
          }
          if (bytes[at] !== COLON || at - start === this.#line) {
            return this.#refuse(refusals.name);
          }
          this.#nameEnd = at - start;
          at++;
          stage = Stage.blank;
          continue;
        }
        case Stage.blank: {
          const most = start + this.#line + requestFieldSize - 2;
          const stop = most < end ? most : end;
          while (at < stop && (bytes[at] === SP || bytes[at] === HTAB)) at++;
          if (at === stop) {
            // A line of just this length ends here.
            if (at < end && bytes[at] !== CR) {
              return this.#refuse(refusals.fieldSize);
            }
            if (at >= end) break;
          }
          this.#mark = at - start;
          stage = Stage.value;
          continue;
        }
        case Stage.value: {
          const most = start + this.#line + requestFieldSize - 2;
          const stop = most < end ? most : end;
          while (at < stop && (octets[bytes[at]!]! & VALUE) !== 0) at++;
          if (at >= end) break;
          const byte = bytes[at]!;
          if (byte !== CR) {
            return this.#refuse(
              (octets[byte]! & VALUE) !== 0
                ? refusals.fieldSize
                : refusals.value,
            );
          }
          at++;
          stage = Stage.valueLf;
          continue;
        }
        case Stage.valueLf: {
          if (bytes[at] !== LF) return this.#refuse(refusals.lineEnd);
          let to = at - 1;
          const from = start + this.#mark;
          while (
            to > from && (bytes[to - 1] === SP || bytes[to - 1] === HTAB)
          ) {
            to--;
          }
          at++;
          this.#offsets.push(
            this.#line,
            this.#nameEnd,
            this.#mark,
            to - start,
          );
          const verdict = this.#takeField(bytes, start, to);
          if (verdict !== undefined) return this.#refuse(verdict);
          stage = Stage.field;
          continue;
        }
        case Stage.endLf:
          if (bytes[at] !== LF) return this.#refuse(refusals.lineEnd);
          return this.#finish(bytes, start, at + 1);
      }
      break;
    }
    this.#at = at - start;
    this.#stage = stage;
    return -1;
  }

  /** Notes what a field decides. */
  #takeField(
    bytes: Uint8Array,
    start: number,
    to: number,
  ): Verdict | undefined {
    const { latin1 } = this.#options;
    const from = start + this.#line;
    const nameEnd = start + this.#nameEnd;
    if (this.#first === Stage.field) {
      const name = latin1(bytes, from, nameEnd).toLowerCase();
      if (framesMessage(name)) return refusals.trailer;
      // What does not belong here is ignored, RFC 9110 section 6.5.1.
      if (!allowedInTrailers(name)) return;
      this.trailers.push(name, latin1(bytes, start + this.#mark, to));
      return;
    }
    const name = framingNames[nameEnd - from];
    if (name === undefined) return;
    for (let at = 0; at < name.length; at++) {
      // Letters of a token differ from their lower case in this bit alone; no other token byte becomes a letter or "-" by it.
      if ((bytes[from + at]! | 0x20) !== name.charCodeAt(at)) return;
    }
    return this.#framingFields.take(
      name,
      latin1(bytes, start + this.#mark, to),
    );
  }

  #finish(bytes: Uint8Array, start: number, end: number): number {
    if (this.#first === Stage.start) {
      const made = makeHead({
        text: this.#options.latin1(bytes, start, end),
        methodEnd: this.#methodEnd,
        targetEnd: this.#targetEnd,
        minor: this.#minor,
        stable: (this.#seen & STABLE) !== 0,
        offsets: this.#offsets,
        decided: this.#framingFields,
      }, this.#options);
      if (!(made instanceof Head)) return this.#refuse(made);
      this.head = made;
    }
    this.#stage = this.#first;
    this.#held = undefined;
    this.#size = 0;
    this.#at = 0;
    this.#line = 0;
    this.#seen = 0xff;
    this.#blankLine = false;
    this.#offsets = [];
    this.#framingFields = new FramingFields(this.#options.secure);
    return end;
  }
}
