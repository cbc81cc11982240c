/**
 * Which requests a worker has in hand, in a piece of its memory that another
 * process can read while its event loop is blocked.
 *
 * The first 16 bytes are a mark by which the piece is found. Byte 16 is the seat
 * of the request whose handler has the event loop, from 1, or 0; the four bytes
 * from 20 count the requests that began, so that two looks can be told to have
 * met the same one; the eight bytes from 24 are when the worker beat last. Each seat follows: whether it is taken,
 * the length of its text, when its request was put aside, and the text.
 */
import type { OpenRequest } from "./open-request.ts";
import { pathStart } from "./path.ts";

/** The length of a mark. */
const MARK_BYTES = 16;
/** Requests that have a seat; more are only counted. */
export const SEATS = 64;
const AT_WORK = 16;
const BEGUN = 20;
const BEAT = 24;
const HEAD_BYTES = 32;
const SEAT_BYTES = 256;
/** Where a seat has its time and its text. */
const TIME = 8;
const TEXT = 16;
const MAX_TEXT = SEAT_BYTES - TEXT;
/** The bytes of a record. */
export const RECORD_BYTES: number = HEAD_BYTES + SEATS * SEAT_BYTES;

const SPACE = 0x20;
const SLASH = 0x2f;
const QUESTION = 0x3f;
const HASH = 0x23;

/** What is needed to name a request; Node's IncomingMessage and Request both have it. */
export interface NamedRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/** The seat of a request that has none. */
export const NO_SEAT = -1;

/** Makes a mark; `random` gives numbers from 0 up to 1. */
export function createMark(random: () => number): Uint8Array {
  return Uint8Array.from(
    { length: MARK_BYTES },
    () => Math.floor(random() * 256),
  );
}

/** A mark in hexadecimal, so that a message that holds it is not taken for a record. */
export function markText(mark: Uint8Array): string {
  return Array.from(mark, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** Writes the record of this process. */
export class FlightRecorder {
  readonly #bytes: Uint8Array;
  readonly #times: Float64Array;
  readonly #words: Uint32Array;
  /** Seats that are free, the one that was used last at the end: its text may fit again. */
  readonly #free: number[] = Array.from({ length: SEATS }, (_, seat) => seat)
    .reverse();
  /** The request that a seat's text names. */
  readonly #methods: string[] = Array(SEATS).fill("");
  readonly #urls: string[] = Array(SEATS).fill("");

  /** Into memory of `RECORD_BYTES`, its own unless given. */
  constructor(
    memory: ArrayBuffer | SharedArrayBuffer = new ArrayBuffer(RECORD_BYTES),
  ) {
    this.#bytes = new Uint8Array(memory);
    this.#times = new Float64Array(memory);
    this.#words = new Uint32Array(memory);
  }

  /** Makes the record one that can be found, by the mark's text; there is no second place with its bytes. */
  mark(text: string): void {
    for (let at = 0; at < MARK_BYTES; at++) {
      this.#bytes[at] = parseInt(text.slice(2 * at, 2 * at + 2), 16);
    }
  }

  /** A request's handler gets the event loop: gives its seat. One seat is always free for it. */
  begin({ method = "?", url = "-" }: NamedRequest): number {
    const seat = this.#free.pop() ?? NO_SEAT;
    this.#bytes[AT_WORK] = seat + 1;
    this.#words[BEGUN / 4]!++;
    if (seat === NO_SEAT) return seat;
    const start = HEAD_BYTES + seat * SEAT_BYTES;
    if (url !== this.#urls[seat] || method !== this.#methods[seat]) {
      this.#write(start, method, url);
      this.#urls[seat] = url;
      this.#methods[seat] = method;
    }
    return seat;
  }

  /** The handler gave the event loop back. */
  leave(): void {
    this.#bytes[AT_WORK] = 0;
  }

  /** The request is answered later: keeps its seat where another one is free, and gives the seat it has. */
  defer(seat: number, now: number): number {
    if (this.#free.length === 0 || seat === NO_SEAT) {
      this.end(seat);
      return NO_SEAT;
    }
    const start = HEAD_BYTES + seat * SEAT_BYTES;
    this.#bytes[start] = 1;
    this.#times[(start + TIME) / 8] = now;
    return seat;
  }

  /** The request is over. */
  end(seat: number): void {
    if (seat === NO_SEAT) return;
    this.#bytes[HEAD_BYTES + seat * SEAT_BYTES] = 0;
    this.#free.push(seat);
  }

  /** The request of a seat that waits for its answer; undefined where none does. */
  waitingAt(seat: number): OpenRequest | undefined {
    const taken = this.#bytes[HEAD_BYTES + seat * SEAT_BYTES] === 1;
    return taken ? readSeat(this.#bytes, seat) : undefined;
  }

  /** When the request of a seat was put aside. */
  timeOf(seat: number): number {
    return this.#times[(HEAD_BYTES + seat * SEAT_BYTES + TIME) / 8] ?? 0;
  }

  /** The worker beats. */
  beat(now: number): void {
    this.#times[BEAT / 8] = now;
  }

  /** A copy, as another process would read it; without the mark, or that would find it in place of the record. */
  copy(): Uint8Array {
    const copy = new Uint8Array(RECORD_BYTES);
    copy.set(this.#bytes.subarray(MARK_BYTES), MARK_BYTES);
    return copy;
  }

  /** The method and the path without the query, which may hold secrets. */
  #write(start: number, method: string, url: string): void {
    const bytes = this.#bytes;
    const from = start + TEXT;
    const end = from + MAX_TEXT;
    let at = from;
    for (let index = 0; index < method.length && index < 24; index++) {
      bytes[at++] = method.charCodeAt(index);
    }
    bytes[at++] = SPACE;
    let index = pathStart(url);
    if (index === url.length) bytes[at++] = SLASH;
    for (; index < url.length && at < end; index++) {
      const code = url.charCodeAt(index);
      if (code === QUESTION || code === HASH) break;
      bytes[at++] = code > 0x7e ? QUESTION : code;
    }
    bytes[start + 1] = at - from;
  }
}

/** What a record tells. */
export interface FlightRecord {
  /** The request whose handler has the event loop. */
  readonly atWork: OpenRequest | undefined;
  /** Requests that began so far, modulo 2^32: where it is the same, so is the one at work. */
  readonly begun: number;
  /** Requests that are answered later, the oldest first; those without a seat are missing. Their `ms` are until the last beat, and negative for one that came after it. */
  readonly waiting: readonly OpenRequest[];
}

/** Reads a record; undefined where it is none. A worker may have written anything. */
export function readFlightRecord(
  bytes: Uint8Array | undefined,
): FlightRecord | undefined {
  if (bytes === undefined || bytes.length !== RECORD_BYTES) return undefined;
  const seated = bytes[AT_WORK] as number;
  const atWork = seated === 0 ? undefined : readSeat(bytes, seated - 1);
  if (seated > 0 && atWork === undefined) return undefined;
  const begun = new Uint32Array(bytes.slice(BEGUN, BEGUN + 4).buffer)[0]!;
  const waiting: OpenRequest[] = [];
  for (let seat = 0; seat < SEATS; seat++) {
    // One that is put aside before its handler is called is at work as well.
    if (seat === seated - 1) continue;
    if (bytes[HEAD_BYTES + seat * SEAT_BYTES] !== 1) continue;
    const request = readSeat(bytes, seat);
    if (request === undefined) return undefined;
    waiting.push(request);
  }
  return { atWork, begun, waiting: waiting.sort((a, b) => b.ms - a.ms) };
}

function readSeat(bytes: Uint8Array, seat: number): OpenRequest | undefined {
  if (seat >= SEATS) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = HEAD_BYTES + seat * SEAT_BYTES;
  const from = start + TEXT;
  const length = Math.min(bytes[start + 1] as number, MAX_TEXT);
  const text = String.fromCharCode(...bytes.subarray(from, from + length));
  const space = text.indexOf(" ");
  const ms = Math.round(
    view.getFloat64(BEAT, true) - view.getFloat64(start + TIME, true),
  );
  if (space === -1 || !Number.isFinite(ms)) return undefined;
  return { method: text.slice(0, space), path: text.slice(space + 1), ms };
}
