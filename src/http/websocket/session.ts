/** A WebSocket on a connection of the wire engine: RFC 6455 sections 5 to 7. */
import { MOST_WAITING } from "../../base/http/connection-limits.ts";
import type { Channel } from "../../runtime/transport.ts";
import type { SocketEvents, SocketSession } from "../../runtime/runtime.ts";
import type { Heir } from "../web/heir.ts";
import { CLOSE, isCloseCode, MAX_CONTROL, PING, PONG } from "./frames.ts";
import { FrameReader } from "./frame-reader.ts";
import type { FrameReaderOptions, FrameSink } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";

export interface SessionOptions extends FrameReaderOptions {
  readonly channel: Channel;
  /** Milliseconds of silence after which a ping is sent; 0 for never. */
  readonly pingMs: number;
  /** How long a client may take nothing of what is sent; 0 for any time. */
  readonly writeMs: number;
  now(): number;
  /** Called once, with the code it ended with and the bytes that were sent. */
  onOver(end: { readonly code: number; readonly bytes: number }): void;
}

/** Pings that may stay without an answer. */
const MAX_PINGS = 2;
/** How long a client may take to answer a close frame, and to close after it. */
const CLOSE_MS = 5000;
/** What may wait for a client before nothing is read of it. */
const HIGH_WATER = 256 * 1024;

const encoder = new TextEncoder();

/** The payload of a close frame; a reason that is too long is cut between characters. */
function closePayload(code: number | undefined, reason: string): Uint8Array {
  if (code === undefined) return new Uint8Array(0);
  const bytes = new Uint8Array(MAX_CONTROL);
  bytes[0] = code >> 8;
  bytes[1] = code & 255;
  const { written } = encoder.encodeInto(reason, bytes.subarray(2));
  return bytes.subarray(0, 2 + written);
}

export class WebSocketSession implements Heir, SocketSession, FrameSink {
  readonly #options: SessionOptions;
  readonly #channel: Channel;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #events: SocketEvents;
  /** `closing` from its own close frame on, `ended` from the client's. */
  #state: "open" | "closing" | "ended" = "open";
  /** When it began to close. */
  #closingAt = 0;
  /** The code that its own close frame has. */
  #code: number | undefined;
  #told = false;
  #paused = false;
  #heard = true;
  #heardAt: number;
  #pings = 0;
  /** What waited at the last check, and since when nothing of it was taken. */
  #waited = 0;
  #movedAt = 0;

  constructor(
    options: SessionOptions,
    events: (session: SocketSession) => SocketEvents,
  ) {
    this.#options = options;
    this.#channel = options.channel;
    this.#reader = new FrameReader(this, options);
    this.#writer = new FrameWriter(options.channel);
    this.#heardAt = options.now();
    this.#events = events(this);
  }

  /** Answers the handshake, and reads what came after it. */
  begin(head: string, ahead: Uint8Array): void {
    this.#channel.write(head);
    this.#events.onOpen();
    if (ahead.length > 0) this.onData(ahead);
  }

  /** It never came to be one. */
  fail(): void {
    this.#tell(1006, "");
  }

  get pending(): number {
    return this.#channel.pending();
  }

  send(data: string | Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.pending > MOST_WAITING) return this.cut();
    if (typeof data === "string") this.#writer.text(data);
    else this.#writer.binary(data);
  }

  ping(bytes: Uint8Array): void {
    if (this.#state === "open") this.#control(PING, bytes);
  }

  pong(bytes: Uint8Array): void {
    if (this.#state === "open") this.#control(PONG, bytes);
  }

  cork(run: () => void): void {
    this.#writer.gather();
    try {
      run();
    } finally {
      this.#writer.flush();
    }
  }

  /** A code that no close frame may have is left out, with its reason. */
  close(code?: number, reason: string = ""): void {
    if (this.#state !== "open") return;
    const sent = code !== undefined && isCloseCode(code) ? code : undefined;
    this.#leave("closing", sent);
    this.#writer.write(CLOSE, closePayload(sent, reason));
  }

  cut(): void {
    this.#reader.stop();
    this.#channel.cut(false);
  }

  onData(bytes: Uint8Array): void {
    this.#heard = true;
    this.#writer.gather();
    try {
      const fault = this.#reader.push(bytes);
      if (fault !== undefined) this.#refuse(fault.code, fault.reason);
    } finally {
      this.#writer.flush();
      this.#adjust();
    }
  }

  onDrain(): void {
    this.#adjust();
    if (this.#state === "open") this.#events.onDrain?.();
  }

  /** The client has ended without a close frame, or after one. */
  onEnd(): void {
    this.#channel.end();
    this.#tell(1006, "");
  }

  onClose(): void {
    this.#reader.stop();
    this.#tell(1006, "");
  }

  check(now: number): void {
    if (this.#heard) {
      this.#heard = false;
      this.#heardAt = now;
      this.#pings = 0;
    }
    if (this.#isStuck(now)) return this.cut();
    if (this.#state !== "open") {
      if (now - this.#closingAt >= CLOSE_MS) this.cut();
      return;
    }
    const { pingMs } = this.#options;
    if (pingMs === 0 || now - this.#heardAt < pingMs * (this.#pings + 1)) {
      return;
    }
    if (this.#pings++ === MAX_PINGS) return this.cut();
    this.#writer.write(PING, new Uint8Array(0));
  }

  onText(text: string): void {
    if (this.#state === "open") this.#events.onText(text);
  }

  onBinary(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state === "open") this.#events.onBinary(bytes);
  }

  onPing(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state !== "open") return;
    this.#writer.write(PONG, bytes);
    this.#events.onPing?.(bytes);
  }

  onPong(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state === "open") this.#events.onPong?.(bytes);
  }

  /** The client's close frame: it is answered by the same. */
  onCloseFrame(code: number, reason: string): void {
    if (this.#state === "open") {
      const same = code === 1005 ? undefined : code;
      this.#writer.write(CLOSE, closePayload(same, reason));
    }
    this.#leave("ended", code);
    this.#writer.flush();
    this.#channel.end();
    this.#tell(code, reason);
  }

  /** Ends it for what the client sent. */
  #refuse(code: number, reason: string): void {
    if (this.#state === "open") {
      this.#writer.write(CLOSE, closePayload(code, reason));
    }
    this.#leave("ended", code);
    this.#writer.flush();
    this.#channel.end();
    this.#tell(code, reason);
  }

  #leave(state: "closing" | "ended", code: number | undefined): void {
    this.#state = state;
    this.#code ??= code;
    this.#closingAt = this.#options.now();
  }

  #control(opcode: number, bytes: Uint8Array): void {
    this.#writer.write(opcode, bytes.subarray(0, MAX_CONTROL));
  }

  #tell(code: number, reason: string): void {
    if (this.#told) return;
    this.#told = true;
    this.#state = "ended";
    this.#closingAt = this.#options.now();
    const { bytes } = this.#writer;
    this.#options.onOver({
      code: code === 1006 ? this.#code ?? code : code,
      bytes,
    });
    this.#events.onClose(code, reason);
  }

  /** A client that takes nothing is not read: its echoes would pile up. */
  #adjust(): void {
    const pause = this.#channel.pending() > HIGH_WATER;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#channel.pause();
    else this.#channel.resume();
  }

  #isStuck(now: number): boolean {
    const { writeMs } = this.#options;
    const before = this.#waited;
    this.#waited = this.#channel.pending();
    if (this.#waited === 0) return false;
    if (before === 0 || this.#waited < before) this.#movedAt = now;
    return writeMs > 0 && now - this.#movedAt >= writeMs;
  }
}
