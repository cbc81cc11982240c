/** A client that listens to events, with all that it may leave unread. */
import type { Stream } from "../../runtime/runtime.ts";
import { ALIVE_MS, UNREAD_BYTES } from "./limits.ts";
import { ALIVE, eventBytes, EVENTS_HEAD } from "./response.ts";
import type { EventStream, SentEvent } from "./route.ts";

export interface EventsOptions {
  now(): number;
  /** Is called when it is to end. */
  onEnd(): void;
}

export class Events implements EventStream {
  readonly #stream: Stream;
  readonly #options: EventsOptions;
  #last: number;
  #open = true;
  /** Told when the client is gone. */
  #leave: (() => void) | undefined;

  constructor(stream: Stream, options: EventsOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#last = options.now();
    stream.write(EVENTS_HEAD);
  }

  /** Has it be sent what happens; `begin` gives what ends that. */
  start(begin: (stream: EventStream) => () => void): void {
    const leave = begin(this);
    // What was sent first may have been too much already.
    if (this.#open) this.#leave = leave;
    else leave();
  }

  get unread(): number {
    return this.#stream.pending;
  }

  send(event: SentEvent): void {
    if (!this.#open) return;
    if (this.#stream.pending > UNREAD_BYTES) {
      // It can begin again from the last event that it has.
      this.#stream.write(eventBytes({ event: "lost", data: {} }));
      return this.close();
    }
    this.#last = this.#options.now();
    this.#stream.write(eventBytes(event));
  }

  /** Lets a client that hears nothing know that it still listens. */
  check(now: number): void {
    if (!this.#open || now - this.#last < ALIVE_MS) return;
    this.#last = now;
    if (this.#stream.pending === 0) this.#stream.write(ALIVE);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#leave?.();
    this.#options.onEnd();
  }
}
