/** What takes over a connection that becomes another protocol's, and what it is given. */
import type { SwitchedEnd } from "../../exchange/switched.ts";
import type { ChannelEvents } from "../../runtime/transport.ts";

/** It gets all events of the channel from now on, and sets its own times. */
export interface Heir extends ChannelEvents {
  /** Holds it to its times. */
  check(now: number): void;
  /** Ends the connection now. */
  cut(): void;
}

/** What is left of the request. */
export interface Legacy {
  /** What came after its head. */
  readonly head: Uint8Array;
  /** To be called when the connection has ended. */
  end(end: SwitchedEnd): void;
}
