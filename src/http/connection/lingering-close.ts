/** The end of a connection: the last answer goes out, then the end, and the client is listened to until it has both (RFC 9112 section 9.6). */
import type { Output } from "./output.ts";
import type { Channel } from "../../runtime/transport.ts";

/**
 * How long a client is listened to that was sent the end and is silent. What it
 * still sends is read: a connection that is closed with bytes unread is reset,
 * which takes the answer from a client that sends all before it reads.
 */
export const LINGER_MS = 2000;

/** How long and for how much it is listened to while it sends; beyond, it is left to wait. */
const MOST_MS = 30_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** The same for a client that had all the time it gets. */
export const LATE_LINGER_MS = 250;

/** What a lingering close needs beside its channel. */
export interface LingerOptions {
  readonly output: Output;
  readonly lingerMs: number;
  /** True where connections should end soon. */
  hurried(): boolean;
  now(): number;
}

export class LingeringClose {
  readonly #channel: Channel;
  readonly #options: LingerOptions;
  /** When it began, or the end was sent. */
  #since: number;
  /** When the client was last seen to send, or the same. */
  #heardAt: number;
  #heard = false;
  /** Bytes that may still be read and thrown away. */
  #allowance = MOST_BYTES;

  /** Sends the end after what was written. */
  constructor(channel: Channel, options: LingerOptions) {
    const { output } = options;
    this.#channel = channel;
    this.#options = options;
    this.#since = this.#heardAt = options.now();
    output.flush();
    if (!output.blocked) this.end();
  }

  /** All that was written is with the kernel. */
  end(): void {
    this.#since = this.#heardAt = this.#options.now();
    this.#channel.end();
  }

  /** True where nothing more is read. */
  get deaf(): boolean {
    return this.#allowance < 0;
  }

  /** Throws away what came; notes only that it did. */
  ignore(size: number): void {
    this.#allowance -= size;
    this.#heard = true;
  }

  /** Ends the connection when its time is over, which begins once the client has everything. */
  check(now: number): void {
    const { output, lingerMs, hurried } = this.#options;
    if (output.busy) this.#since = this.#heardAt = now;
    if (this.#heard) {
      this.#heard = false;
      this.#heardAt = now;
    }
    const mostMs = lingerMs < LINGER_MS || hurried() ? lingerMs : MOST_MS;
    if (now - this.#heardAt >= lingerMs || now - this.#since >= mostMs) {
      this.#channel.cut(false);
    }
  }
}
