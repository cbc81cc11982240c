/** Ways out for messages. */
import type { Closeable } from "./clock.ts";

/** A receiver of messages: datagrams, or a stream of bytes. A path that begins with `@` is an abstract name. */
export type Receiver =
  | { readonly kind: "udp"; readonly host: string; readonly port: number }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix-datagram"; readonly path: string }
  | { readonly kind: "unix-stream"; readonly path: string };

/** What becomes of an outlet. */
export interface OutletEvents {
  /** It is open: the name was found, and a stream is connected. */
  onOpen(): void;
  /**
   * Once, unless it was closed before: it could not be opened, the receiver is
   * gone or has ended the stream (then without an error), or a datagram that
   * was sent before did not arrive, as far as the system reports.
   */
  onShut(error: Error | undefined): void;
  /** Takes what the other end of a stream says; what is left out is not read for its own sake. */
  onData?(bytes: Uint8Array): void;
}

/** What becomes of a talk. */
export interface TalkEvents {
  onOpen(): void;
  onText(text: string): void;
  /** Once: it could not be opened, or is over. */
  onClose(): void;
}

/** An open WebSocket to another process. */
export interface Talk extends Closeable {
  send(text: string): void;
}

/** A way for messages out to a receiver. */
export interface Outlet extends Closeable {
  /**
   * Sends a datagram, or appends to the stream, and tells once the system has
   * taken it or why it has not. Never throws; for an outlet that is shut or
   * closed meanwhile, nothing is told.
   */
  send(bytes: Uint8Array, told: (error: Error | undefined) => void): void;
}
