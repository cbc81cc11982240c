/** Bytes in, bytes out: what a runtime gives to the wire engine. */
import type { Closeable } from "./clock.ts";
import type { Source } from "./engine.ts";
import type { Address, Peer, UnixAccess } from "./sockets.ts";
import type { TlsHandshake, TlsMaterial } from "./tls.ts";
import type { ExchangeHandle } from "./exchange.ts";
import type {
  GivenSocket,
  SocketAnswer,
  SocketApp,
  SocketSession,
} from "./websocket.ts";

/** What happens on a connection. */
export interface ChannelEvents {
  /** Bytes came; whether they are the receiver's the channel says, see `lends`. */
  onData(bytes: Uint8Array): void;
  /** After a `write` that gave false, unless the connection is gone: all that was written is with the kernel. */
  onDrain(): void;
  /** The client sends no more. */
  onEnd(): void;
  /** The connection is gone; nothing follows. */
  onClose(): void;
}

/** One connection. */
export interface Channel {
  /**
   * True where the bytes of `onData` are lent until it returns, and what is kept
   * of them must be copied; false where they stay as they are.
   */
  readonly lends: boolean;
  /**
   * Writes text, a byte each character (ISO 8859-1), then bytes, then more
   * text, at once and in one piece where that is possible. False when the
   * client takes them slower than they come, and `onDrain` follows; or when it
   * takes nothing any more, and `onClose` does.
   */
  write(text: string, bytes?: Uint8Array, after?: string): boolean;
  /**
   * Writes the first `size` bytes of a memory that is another's once this
   * returns. Absent where all that is written is kept.
   */
  writeLent?(bytes: Uint8Array, size: number): boolean;
  /** What was written and the kernel has not taken: 0 for nothing, and less than before where it took a part. */
  pending(): number;
  /** Lets no data come until `resume`. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then the end; data still comes. */
  end(): void;
  /** Ends it now; with `reset` so that the client cannot take it for a clean end. */
  cut(reset: boolean): void;
  /** The other end; undefined once it is gone and has no address any more. */
  peer(): Peer | undefined;
  /** Sets the client behind the proxy at the other end: `peer` and `env` show it from then on. */
  setPeer(peer: Peer): void;
  /** True where it speaks TLS, or will. */
  readonly secure?: boolean;
  /** What the handshake of TLS came to; undefined before it is over, and where there is none. */
  tls?(): TlsHandshake | undefined;
  /** Begins TLS: there where the listener is prefaced, and is called once. The bytes are those that came last and are TLS's. */
  startTls?(rest: Uint8Array): void;
  /** True where the proxy at the other end speaks for a client that it does not name: `peer` is the proxy, and must not be trusted for it. */
  unnamed?: boolean;
  /** What the runtime's own server would hand to the app beside a request. */
  env(exchange: ExchangeHandle): unknown;
  /** Tells another of all that happens from now on. Absent where that cannot be. */
  giveTo?(events: ChannelEvents): void;
  /**
   * Gives the runtime's own socket away, with what was read of it last: no event
   * but `onClose` follows. Absent where there is none that others could use.
   */
  handOver?(head: Uint8Array): GivenSocket;
}

/** How a transport listens. */
export interface TransportOptions extends UnixAccess {
  readonly backlog: number;
  /** What a secure source speaks TLS with. */
  readonly tls?: TlsMaterial | undefined;
  /** True where something comes before TLS: it begins by `Channel.startTls`. */
  readonly prefaced?: boolean;
  /** Called where a connection has ended before its handshake was over, and not for want of anything to read. */
  onHandshakeFailure?(failure: HandshakeFailure): void;
  /** What the app has for WebSockets. */
  readonly sockets?: SocketApp | undefined;
  /** Takes a connection. */
  accept(channel: Channel): ChannelEvents;
  /** The connection that a request came on; undefined where it is none of this engine's. */
  channelOf(request: unknown): Channel | undefined;
  /** Makes a request's connection a WebSocket; undefined where it asks for none. @throws TypeError for header fields that are not valid */
  upgrade?(request: unknown, answer: SocketAnswer): SocketSession | undefined;
}

/** A handshake of TLS that came to nothing. */
export interface HandshakeFailure {
  readonly peer: Peer | undefined;
  /** In a few words. */
  readonly reason: string;
}

/** An open listening socket. */
export interface TransportListener extends Closeable {
  readonly address: Address;
  /** Stops accepting; what is queued stays so where the socket is inherited. */
  close(): void;
  /** Accepts, or lets what comes wait in the queue; false where it cannot. */
  accept(on: boolean): boolean;
  /** Speaks TLS with this from the next connection on; there where the source is secure. @throws what is wrong with it */
  rekey?(material: TlsMaterial): void;
}

/** A runtime's sockets, and what it does faster with bytes than JavaScript. */
export interface Transport {
  /**
   * Puts in place what an app must find; call it before the app is loaded. `own`
   * makes the runtime's own Response of one that stands for it, for servers that
   * the app starts for itself, and leaves everything else as it is.
   */
  prepare?(own: <T>(answer: T) => T | Response): void;
  /** Loads what secure sources need, which is there at the first of them at the latest. */
  prepareTls(): Promise<void>;
  /** Begins to accept. @throws the system's error */
  listen(
    source: Source,
    options: TransportOptions,
  ): Promise<TransportListener>;
  /** A string of bytes, a character each. */
  latin1(bytes: Uint8Array, from: number, to: number): string;
  /** The size of a text as UTF-8. */
  byteLength(text: string): number;
  /** The size of the whole file behind a Blob; undefined where there is none. Only where a runtime has such Blobs. */
  fileSize?(blob: Blob): number | undefined;
  /** Pieces as one, of a memory of its own; `size` is that of all of them. */
  join(pieces: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer>;
  /** Calls `run` after what is at hand now was done, before the next wait. */
  soon(run: () => void): void;
  /** Calls `run` once connections have been told of what came until now, which the event loop may not have looked for yet. */
  whenRead(run: () => void): void;
}
