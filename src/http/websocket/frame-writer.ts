/** From messages to bytes for a client: RFC 6455 section 5, without a mask. */
import type { Channel } from "../../runtime/transport.ts";
import { BINARY, TEXT } from "./frames.ts";

/** Frames that go out in one write. */
const BATCH_BYTES = 64 * 1024;
/** The longest head of a frame without a mask. */
const MAX_HEAD = 10;
/** A text of so many characters has 125 bytes at most, which a short head tells. */
const SHORT_TEXT = 41;

const encoder = new TextEncoder();
/** Shared by all writers: its owner gives it back within the same turn. */
const batch = new Uint8Array(BATCH_BYTES);
let owner: FrameWriter | undefined;

/** Writes a frame's head and gives the place after it. */
function putHead(
  into: Uint8Array,
  from: number,
  { opcode, length }: { readonly opcode: number; readonly length: number },
): number {
  let at = from;
  into[at++] = 0x80 | opcode;
  if (length < 126) {
    into[at++] = length;
    return at;
  }
  const width = length < 65_536 ? 2 : 8;
  into[at++] = width === 2 ? 126 : 127;
  for (let byte = width - 1; byte >= 0; byte--) {
    into[at++] = Math.floor(length / 256 ** byte) % 256;
  }
  return at;
}

export class FrameWriter {
  /** Bytes of all frames so far. */
  bytes = 0;
  readonly #channel: Pick<Channel, "write" | "writeLent">;
  /** What is in the batch. */
  #size = 0;

  constructor(channel: Pick<Channel, "write" | "writeLent">) {
    this.#channel = channel;
  }

  /** Keeps what is written for one write, which `flush` makes. */
  gather(): void {
    owner ??= this;
  }

  /** Writes what was kept. */
  flush(): void {
    if (owner !== this) return;
    this.#send();
    owner = undefined;
  }

  /** Writes a text as a message. */
  text(text: string): void {
    const { length } = text;
    if (3 * length + MAX_HEAD > BATCH_BYTES) {
      return this.write(TEXT, encoder.encode(text));
    }
    const alone = owner === undefined;
    if (alone) owner = this;
    if (owner !== this) return this.write(TEXT, encoder.encode(text));
    if (this.#size + 3 * length + MAX_HEAD > BATCH_BYTES) this.#send();
    const from = this.#size;
    const head = length <= SHORT_TEXT ? 2 : 4;
    const { written } = encoder.encodeInto(text, batch.subarray(from + head));
    const at = putHead(batch, from, { opcode: TEXT, length: written });
    // Its head is longer or shorter than its characters let expect.
    if (at !== from + head) encoder.encodeInto(text, batch.subarray(at));
    this.#size = at + written;
    if (alone) this.flush();
  }

  /** Writes a message of bytes. */
  binary(bytes: Uint8Array): void {
    this.write(BINARY, bytes);
  }

  /** Writes a frame. */
  write(opcode: number, bytes: Uint8Array): void {
    const { length } = bytes;
    const size = length + MAX_HEAD;
    if (owner === this && size <= BATCH_BYTES) {
      if (this.#size + size > BATCH_BYTES) this.#send();
      const at = putHead(batch, this.#size, { opcode, length });
      batch.set(bytes, at);
      this.#size = at + length;
      return;
    }
    if (owner === this) this.#send();
    const frame = new Uint8Array(size);
    const at = putHead(frame, 0, { opcode, length });
    frame.set(bytes, at);
    this.#put(frame.subarray(0, at + length));
  }

  #send(): void {
    const size = this.#size;
    if (size === 0) return;
    this.#size = 0;
    const channel = this.#channel;
    if (channel.writeLent === undefined) {
      return this.#put(batch.slice(0, size));
    }
    this.bytes += size;
    channel.writeLent(batch, size);
  }

  #put(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#channel.write("", bytes);
  }
}
