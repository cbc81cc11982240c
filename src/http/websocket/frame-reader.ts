/** From bytes of a client to messages: RFC 6455 sections 5 and 8.1, without extensions. */
import { Gathered } from "../web/byte-collector.ts";
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  isCloseCode,
  MAX_CONTROL,
  memoryOf,
  PING,
  PONG,
  TEXT,
  unmask,
} from "./frames.ts";
import type { Fault } from "./frames.ts";

/** Takes what comes. */
export interface FrameSink {
  onText(text: string): void;
  onBinary(bytes: Uint8Array<ArrayBuffer>): void;
  onPing(bytes: Uint8Array<ArrayBuffer>): void;
  onPong(bytes: Uint8Array<ArrayBuffer>): void;
  /** Nothing follows; the code is 1005 where the frame had none. */
  onCloseFrame(code: number, reason: string): void;
}

export interface FrameReaderOptions {
  /** Bytes that a message may have. */
  readonly most: number;
  /** A string of bytes, a character each. */
  latin1(bytes: Uint8Array, from: number, to: number): string;
}

const MALFORMED = 1002;
const NOT_UTF8: Fault = { code: 1007, reason: "Invalid UTF-8" };

function malformed(reason: string): Fault {
  return { code: MALFORMED, reason };
}

/** A payload that is so short is read byte by byte. */
const SHORT = 125;
/** A message that is here as a whole, and no longer, takes no memory but its own. */
const WHOLE = 64 * 1024;
/** Shared by all readers: what is in it is read within the same turn. */
const scratch = new Uint8Array(WHOLE);
const memory = memoryOf(scratch);

/** Two bytes, eight of a length, four of a mask. */
const MAX_HEAD = 14;

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #options: FrameReaderOptions;
  /** True once nothing is read any more. */
  #over = false;
  readonly #head = new Uint8Array(MAX_HEAD);
  #headSize = 0;
  /** The payload of the frame whose head is read, until it is whole. */
  #payload: Gathered | undefined;
  #left = 0;
  /** The opcode of a message that goes on in another frame. */
  #open: typeof TEXT | typeof BINARY | undefined;
  /** Its payloads in one: an object for each would cost far more than they do. */
  #message: Gathered | undefined;
  /** Bytes of that message. */
  #size = 0;
  #decoder: TextDecoder | undefined;

  constructor(sink: FrameSink, options: FrameReaderOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Reads what came, which may change later; gives why nothing more is read, where that is so. */
  push(bytes: Uint8Array): Fault | undefined {
    let at = 0;
    while (!this.#over) {
      if (this.#payload === undefined) {
        at = this.#readHead(bytes, at);
        if (at === -1) return undefined;
        const fault = this.#judge();
        if (fault !== undefined) return this.#end(fault);
        this.#left = this.#length();
        if (this.#isWhole(bytes, at)) {
          const ok = this.#takeWhole(bytes, at);
          if (!ok) return this.#end(NOT_UTF8);
          at += this.#left;
          continue;
        }
        this.#payload = new Gathered(this.#left);
      }
      const to = Math.min(bytes.length, at + this.#left);
      this.#payload.add(bytes, at, to);
      this.#left -= to - at;
      at = to;
      if (this.#left > 0) return undefined;
      const payload = this.#payload.take();
      const fault = this.#take(payload);
      if (fault !== undefined) return this.#end(fault);
    }
    return undefined;
  }

  /** Reads nothing any more. */
  stop(): void {
    this.#over = true;
  }

  #end(fault: Fault): Fault {
    this.#over = true;
    this.#payload = undefined;
    this.#message = undefined;
    return fault;
  }

  /** Reads on in the head; gives the place after it, or -1 where it is not whole. */
  #readHead(bytes: Uint8Array, from: number): number {
    let at = from;
    const head = this.#head;
    while (at < bytes.length) {
      head[this.#headSize++] = bytes[at++]!;
      if (this.#headSize >= 2 && this.#headSize === this.#headLength()) {
        return at;
      }
      // What no mask is seen in has another head.
      if (this.#headSize === 2 && (head[1]! & 0x80) === 0) return at;
    }
    return -1;
  }

  #headLength(): number {
    const length = this.#head[1]! & 0x7f;
    return 6 + (length < 126 ? 0 : length === 126 ? 2 : 8);
  }

  /** The payload's length; not a safe integer where it is beyond that. */
  #length(): number {
    const head = this.#head;
    const length = head[1]! & 0x7f;
    if (length < 126) return length;
    if (length === 126) return head[2]! * 256 + head[3]!;
    let long = 0;
    for (let at = 2; at < 10; at++) long = long * 256 + head[at]!;
    return long;
  }

  /** Says what is wrong with a head. */
  #judge(): Fault | undefined {
    const first = this.#head[0]!;
    const second = this.#head[1]!;
    if ((first & 0x70) !== 0) return malformed("Reserved bits are set");
    if ((second & 0x80) === 0) return malformed("No mask");
    const opcode = first & 15;
    const short = second & 0x7f;
    const length = this.#length();
    if (
      (short === 126 && length < 126) || (short === 127 && length < 65_536) ||
      (short === 127 && (this.#head[2]! & 0x80) !== 0)
    ) return malformed("Invalid length");
    if (opcode === CLOSE || opcode === PING || opcode === PONG) {
      if ((first & 0x80) === 0) return malformed("A control frame in parts");
      return length > MAX_CONTROL
        ? malformed("A long control frame")
        : undefined;
    }
    if (opcode > BINARY) return malformed("Unknown opcode");
    if ((opcode === CONTINUATION) !== (this.#open !== undefined)) {
      return malformed("A message within a message, or the rest of none");
    }
    return this.#size + length > this.#options.most
      ? { code: 1009, reason: "Message too big" }
      : undefined;
  }

  /** True for a message in one frame that is here. */
  #isWhole(bytes: Uint8Array, at: number): boolean {
    const first = this.#head[0]!;
    return this.#left <= WHOLE && bytes.length - at >= this.#left &&
      (first === (0x80 | TEXT) || first === (0x80 | BINARY));
  }

  /** Takes a message from where it lies; false for a text that is none. */
  #takeWhole(bytes: Uint8Array, from: number): boolean {
    const length = this.#left;
    const isText = this.#head[0] === (0x80 | TEXT);
    const ascii = this.#readInto(bytes, from);
    this.#headSize = 0;
    if (!isText) {
      this.#sink.onBinary(scratch.slice(0, length));
      return true;
    }
    // Some decoders take far longer for what is ASCII alone.
    const text = ascii
      ? this.#options.latin1(scratch, 0, length)
      : this.#decode(scratch.subarray(0, length), false);
    if (text === undefined) return false;
    this.#sink.onText(text);
    return true;
  }

  /** Puts a payload into `scratch`, without its mask; true where it is ASCII. */
  #readInto(bytes: Uint8Array, from: number): boolean {
    const length = this.#left;
    const head = this.#head;
    const size = this.#headSize;
    if (length > SHORT) {
      scratch.set(bytes.subarray(from, from + length));
      return unmask(memory, length, { bytes: head, size });
    }
    let all = 0;
    for (let at = 0; at < length; at++) {
      all |= scratch[at] = bytes[from + at]! ^ head[2 + (at & 3)]!;
    }
    return all < 128;
  }

  /** Takes a whole frame. */
  #take(payload: Uint8Array<ArrayBuffer>): Fault | undefined {
    const size = this.#headSize;
    unmask(memoryOf(payload), payload.length, { bytes: this.#head, size });
    this.#headSize = 0;
    this.#payload = undefined;
    const first = this.#head[0]!;
    const opcode = first & 15;
    switch (opcode) {
      case CLOSE:
        return this.#close(payload);
      case PING:
        this.#sink.onPing(payload);
        return undefined;
      case PONG:
        this.#sink.onPong(payload);
        return undefined;
    }
    const kind = this.#open ?? opcode as typeof TEXT | typeof BINARY;
    const last = (first & 0x80) !== 0;
    this.#size = last ? 0 : this.#size + payload.length;
    this.#open = last ? undefined : kind;
    const whole = this.#gather(payload, last);
    if (kind === TEXT) return this.#takeText(payload, whole);
    if (whole !== undefined) this.#sink.onBinary(whole);
    return undefined;
  }

  /** Adds a payload to its message; gives that once it is whole. */
  #gather(
    payload: Uint8Array<ArrayBuffer>,
    last: boolean,
  ): Uint8Array<ArrayBuffer> | undefined {
    if (last && this.#message === undefined) return payload;
    const message = this.#message ??= new Gathered(0);
    message.add(payload, 0, payload.length);
    if (!last) return undefined;
    this.#message = undefined;
    return message.take();
  }

  /** Each payload is decoded as it comes, since what is no text ends it at once. */
  #takeText(
    payload: Uint8Array,
    whole: Uint8Array | undefined,
  ): Fault | undefined {
    const part = this.#decode(payload, whole === undefined);
    if (part === undefined) return NOT_UTF8;
    if (whole === undefined) return undefined;
    const text = whole === payload ? part : this.#decode(whole, false);
    this.#sink.onText(text!);
    return undefined;
  }

  /** Decodes a part of a text; undefined where that is none. */
  #decode(bytes: Uint8Array, stream: boolean): string | undefined {
    this.#decoder ??= new TextDecoder("utf-8", {
      fatal: true,
      ignoreBOM: true,
    });
    try {
      return this.#decoder.decode(bytes, { stream });
    } catch {
      return undefined;
    }
  }

  #close(payload: Uint8Array): Fault | undefined {
    if (payload.length === 1) return malformed("Half a close code");
    const code = payload.length === 0 ? 1005 : payload[0]! * 256 + payload[1]!;
    if (payload.length > 0 && !isCloseCode(code)) {
      return malformed("Invalid close code");
    }
    let reason: string;
    try {
      reason = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(payload.subarray(2));
    } catch {
      return NOT_UTF8;
    }
    this.#over = true;
    this.#sink.onCloseFrame(code, reason);
    return undefined;
  }
}
