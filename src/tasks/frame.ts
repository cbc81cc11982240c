/**
 * What is said on the connection of a call, in frames: the length of all that
 * follows in 4 bytes, the kind in 1, the length of the head in 4, the head, and
 * the parts. Numbers begin with their lowest byte. The head is JSON as UTF-8:
 * the sizes of the parts, then the value.
 */
import { pack, unpack } from "./packed.ts";

/** The most bytes of a frame behind its length. */
export const MAX_FRAME_BYTES: number = 64 * 1024 * 1024;

/** Kinds of frames. */
export const KINDS = {
  /** The caller: name, arguments, and its deadline. */
  call: 1,
  /** The caller, before a call on a connection that was kept: until when it may begin. */
  before: 7,
  /** The worker: the task runs now, and how long it may. */
  started: 2,
  /** The worker: what the task returned. */
  value: 3,
  /** The worker: one of what the task yields. */
  chunk: 4,
  /** The worker: it yields nothing more. */
  end: 5,
  /** The worker: what the task threw. */
  error: 6,
} as const;

export type FrameKind = typeof KINDS[keyof typeof KINDS];

export interface Frame {
  readonly kind: FrameKind;
  readonly value: unknown;
}

const ALL_KINDS: readonly unknown[] = Object.values(KINDS);

const LENGTH_BYTES = 4;
/** Length, kind and the length of the head. */
const FIXED_BYTES = 9;
/** What counts of them. */
const COUNTED_BYTES = FIXED_BYTES - LENGTH_BYTES;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A frame's bytes, in pieces, of which the caller's own are not copied. @throws TypeError for what cannot be sent, RangeError for what is too much */
export function encodeFrame(kind: FrameKind, value: unknown): Uint8Array[] {
  const { json, parts } = pack(value);
  const sizes = parts.map(({ length }) => length);
  const head = encoder.encode(`[${JSON.stringify(sizes)},${json}]`);
  const size = sizes.reduce((sum, one) => sum + one, head.length) +
    COUNTED_BYTES;
  if (size > MAX_FRAME_BYTES) {
    throw new RangeError(
      `Cannot send ${size} bytes to or from a task: a frame holds at most ${MAX_FRAME_BYTES}`,
    );
  }
  const first = new Uint8Array(FIXED_BYTES + head.length);
  const view = new DataView(first.buffer);
  view.setUint32(0, size, true);
  first[LENGTH_BYTES] = kind;
  view.setUint32(LENGTH_BYTES + 1, head.length, true);
  first.set(head, FIXED_BYTES);
  return [first, ...parts];
}

/** Puts a small frame before another, so that both go in one write. */
export function joinFrames(
  [small = new Uint8Array()]: readonly Uint8Array[],
  [first = new Uint8Array(), ...parts]: readonly Uint8Array[],
): Uint8Array[] {
  const both = new Uint8Array(small.length + first.length);
  both.set(small);
  both.set(first, small.length);
  return [both, ...parts];
}

/** Puts frames together from bytes as they come. */
export class FrameReader {
  /** The length of a frame, as far as it came. */
  readonly #length = new Uint8Array(LENGTH_BYTES);
  /** What came of the frame behind its length; undefined while that is not known. */
  #frame: Uint8Array | undefined;
  #filled = 0;

  /** True in the midst of a frame. */
  get begun(): boolean {
    return this.#frame !== undefined || this.#filled > 0;
  }

  /** Takes bytes, which are copied. @throws SyntaxError for what is no frame */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < bytes.length) {
      const target = this.#frame ?? this.#length;
      const count = Math.min(target.length - this.#filled, bytes.length - at);
      target.set(bytes.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < target.length) break;
      this.#filled = 0;
      if (this.#frame === undefined) {
        this.#frame = new Uint8Array(this.#size());
      } else {
        frames.push(readFrame(this.#frame));
        this.#frame = undefined;
      }
    }
    return frames;
  }

  #size(): number {
    const size = new DataView(this.#length.buffer).getUint32(0, true);
    if (size >= COUNTED_BYTES && size <= MAX_FRAME_BYTES) return size;
    throw new SyntaxError(`Cannot read a frame: it cannot be of ${size} bytes`);
  }
}

/** Reads a frame behind its length. @throws SyntaxError */
function readFrame(bytes: Uint8Array): Frame {
  const kind = bytes[0] as FrameKind;
  const headSize = new DataView(bytes.buffer).getUint32(1, true);
  let at = COUNTED_BYTES + headSize;
  if (!ALL_KINDS.includes(kind) || at > bytes.length) {
    throw noFrame();
  }
  const head = decodeHead(bytes.subarray(COUNTED_BYTES, at));
  const parts = head.sizes.map((size) => bytes.subarray(at, at += size));
  if (at !== bytes.length) throw noFrame();
  try {
    return { kind, value: unpack({ json: head.json, parts }) };
  } catch (cause) {
    throw noFrame(cause);
  }
}

/** The head's sizes, and the JSON behind them as it is. */
function decodeHead(
  bytes: Uint8Array,
): { readonly sizes: readonly number[]; readonly json: string } {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw noFrame(cause);
  }
  const [whole, list] = /^\[\[((?:\d+(?:,\d+)*)?)\],/.exec(text) ?? [];
  if (whole === undefined || list === undefined || !text.endsWith("]")) {
    throw noFrame();
  }
  return {
    sizes: list === "" ? [] : list.split(",").map(Number),
    json: text.slice(whole.length, -1),
  };
}

function noFrame(cause?: unknown): SyntaxError {
  return new SyntaxError("Cannot read a frame: it is not as it should be", {
    cause,
  });
}
