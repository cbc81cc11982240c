/**
 * Lingering close: after a response, the rest of the request body is read and
 * discarded for a while. Closing with unread data resets the TCP connection
 * (RFC 9112 section 9.6), and a client that sends its whole body before it
 * reads would lose the response.
 */
import type { Clock, Closeable } from "../../runtime/clock.ts";

/** How long the client may send nothing; nginx's lingering_timeout. */
export const UNREAD_QUIET_MS = 5000;

/** How long it is listened to; nginx's lingering_time. */
export const UNREAD_MOST_MS = 30_000;

/** For how many bytes. */
export const UNREAD_MOST_BYTES = 64 * 1024 * 1024;

/** How long where connections should end soon, and how long one may stay that has all it asked for. */
export const HURRIED_MS = 2000;

/** A look at the client; a loop that stood still has missed one at most. */
const LOOK_MS = 250;

export interface LingerOptions {
  readonly clock: Pick<Clock, "after">;
  /** True where connections should end soon. */
  hurried?(): boolean;
  /** The client had the time that it gets; called once. */
  onOver(): void;
}

/** The time of one such client. */
export class Linger {
  readonly #options: LingerOptions;
  #timer: Closeable | undefined;
  #left = UNREAD_MOST_BYTES;
  #heard = false;
  #quietMs = 0;
  #allMs = 0;

  constructor(options: LingerOptions) {
    this.#options = options;
    this.#look();
  }

  /** So many bytes came, and were thrown away. */
  heard(bytes: number): void {
    this.#heard = true;
    this.#left -= bytes;
    if (this.#left < 0) this.#end();
  }

  /** Stops the timer; `onOver` is not called any more. */
  close(): void {
    this.#timer?.close();
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      this.#allMs += LOOK_MS;
      this.#quietMs = this.#heard ? 0 : this.#quietMs + LOOK_MS;
      this.#heard = false;
      const mostMs = this.#options.hurried?.() ? HURRIED_MS : UNREAD_MOST_MS;
      if (this.#quietMs >= UNREAD_QUIET_MS || this.#allMs >= mostMs) {
        this.#end();
      } else this.#look();
    });
  }

  #end(): void {
    if (this.#timer === undefined) return;
    this.close();
    this.#options.onOver();
  }
}
