/** The end of a connection: the last answer goes out, then the end, and the client is listened to until it has both (RFC 9112 section 9.6). */
import type { Output } from "./output.ts";
import type { Channel } from "../runtime/transport.ts";

/** How long, and for how much, a client is listened to that was told goodbye. */
export const LINGER_MS = 2000;
const LINGER_BYTES = 1024 * 1024;

/** The same for a client that had all the time it gets. */
export const LATE_LINGER_MS = 250;

/** What a farewell needs beside its channel. */
export interface FarewellOptions {
  readonly output: Output;
  readonly lingerMs: number;
  now(): number;
}

export class Farewell {
  readonly #channel: Channel;
  readonly #options: FarewellOptions;
  /** When it began, or the end was sent. */
  #since: number;
  /** Bytes that may still be read of what nobody wants. */
  #allowance = LINGER_BYTES;

  /** Sends the end after what was written. */
  constructor(channel: Channel, options: FarewellOptions) {
    const { output } = options;
    this.#channel = channel;
    this.#options = options;
    this.#since = options.now();
    output.flush();
    if (!output.blocked) this.end();
  }

  /** All that was written is with the kernel. */
  end(): void {
    this.#since = this.#options.now();
    this.#channel.end();
  }

  /** Takes no notice of what comes, within bounds. */
  ignore(size: number): void {
    this.#allowance -= size;
    if (this.#allowance < 0) this.#channel.cut(true);
  }

  /** Ends the connection when its time is over, which begins once the client has everything. */
  check(now: number): void {
    const { output, lingerMs } = this.#options;
    if (output.busy) this.#since = now;
    else if (now - this.#since >= lingerMs) this.#channel.cut(false);
  }
}
