/** The end of a connection: the last answer goes out, then the end, and the client is listened to until it has both (RFC 9112 section 9.6). */
import {
  HURRIED_MS,
  UNREAD_MOST_BYTES,
  UNREAD_MOST_MS,
  UNREAD_QUIET_MS,
} from "../../base/http/linger.ts";
import type { Output } from "../output/output.ts";
import type { Channel } from "../../runtime/transport.ts";

/** How long a client is listened to that was sent the end and is silent. */
export const LINGER_MS = HURRIED_MS;

/** The same for one whose request was not read to its end. */
export const UNREAD_LINGER_MS = UNREAD_QUIET_MS;

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
  #allowance = UNREAD_MOST_BYTES;

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
    const short = lingerMs < LINGER_MS || hurried();
    const mostMs = short ? Math.min(lingerMs, LINGER_MS) : UNREAD_MOST_MS;
    if (now - this.#heardAt >= lingerMs || now - this.#since >= mostMs) {
      this.#channel.cut(false);
    }
  }
}
