/** Connections that this process accepts for itself, not for the app. */
import type { Closeable } from "./clock.ts";
import type { Address, UnixAccess } from "./sockets.ts";

/** What happens on a connection. */
export interface StreamEvents {
  /** Bytes came; they stay as they are. */
  onData(bytes: Uint8Array): void;
  /** The client sends no more. */
  onEnd(): void;
  /** The system has taken what was written, or a part of it. */
  onTaken?(): void;
  /** The connection is gone; nothing follows. */
  onClose(): void;
}

/** A connection. */
export interface Stream {
  /** The address of its client; undefined on a unix socket. */
  readonly from?: string | undefined;
  /** Bytes that were written and that the system has not taken. */
  readonly pending: number;
  /** Writes, at once as far as the system takes it; nothing where the connection is gone. */
  write(bytes: Uint8Array): void;
  /** Lets no data come until `resume`, and no end. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then the end; data still comes. */
  end(): void;
  /** Ends it now. */
  cut(): void;
}

/** How connections are taken. */
export interface AcceptOptions extends UnixAccess {
  /** True to share a TCP port with another process of this user that says so too. */
  readonly reusePort?: boolean;
  /** True to leave a unix socket's name to a server that has it: EADDRINUSE then. */
  readonly exclusive?: boolean;
  /** Takes a connection. */
  accept(stream: Stream): StreamEvents;
}

/** A listening socket of this process's own; closing it removes the name of a unix socket, unless that is another's by then. Connections stay. */
export interface StreamListener extends Closeable {
  readonly address: Address;
  /** False where the name of its unix socket was removed, or is another's by now. */
  isNamed(): boolean;
}
