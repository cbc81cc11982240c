/** A connection of the wire engine that speaks TLS, from its first byte on or after a header of a proxy. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ExchangeHandle } from "../../../src/runtime/exchange.ts";
import type {
  GivenSocket,
  Peer,
  TlsHandshake,
  TlsMaterial,
} from "../../../src/runtime/runtime.ts";
import type {
  Channel,
  ChannelEvents,
  TransportOptions,
} from "../../../src/runtime/transport.ts";
import { markSocket, peerOfSocket } from "../sockets/peer.ts";
import { NetChannel } from "./net-channel.ts";
import type { EnvOf } from "./net-channel.ts";
import { TlsDoor } from "./tls-door.ts";

export interface TlsChannelOptions
  extends Pick<TransportOptions, "onHandshakeFailure" | "prefaced"> {
  readonly door: TlsDoor;
  readonly envOf: EnvOf;
  /** Stops the reading of an accepted socket, or goes on with it, where `node:tls` does not heed a pause. */
  readonly hold?: ((accepted: Socket, on: boolean) => void) | undefined;
}

class TlsChannel implements Channel {
  readonly lends = false;
  readonly secure = true;
  declare startTls?: (rest: Uint8Array) => void;
  unnamed?: boolean;
  readonly #accepted: Socket;
  readonly #options: TlsChannelOptions;
  #events!: ChannelEvents;
  /** There once the handshake is over. */
  #inner: NetChannel | undefined;
  #handshake: TlsHandshake | undefined;
  #socket: TLSSocket | undefined;
  /** The client that a proxy has told of. */
  #shown: Peer | undefined;
  /** Asked of the socket once. */
  #own: Peer | undefined;
  #closed = false;
  /** True once there is nothing to tell of a handshake that fails. */
  #told = false;

  constructor(accepted: Socket, options: TlsChannelOptions) {
    this.#accepted = accepted;
    this.#options = options;
  }

  write(text: string, bytes?: Uint8Array, after?: string): boolean {
    return this.#inner?.write(text, bytes, after) ?? false;
  }

  pending(): number {
    return this.#inner?.pending() ?? 0;
  }

  pause(): void {
    (this.#inner ?? this.#accepted).pause();
    if (this.#inner !== undefined) this.#options.hold?.(this.#accepted, true);
  }

  resume(): void {
    if (this.#inner !== undefined) this.#options.hold?.(this.#accepted, false);
    this.#inner?.resume();
  }

  /** Before its handshake is over there is nothing that could follow: its time is. */
  end(): void {
    if (this.#inner !== undefined) return this.#inner.end();
    if (this.#accepted.bytesRead > 0) this.#tell("it took too long");
    this.#told = true;
    this.#accepted.destroy();
  }

  cut(reset: boolean): void {
    this.#told = true;
    const accepted = this.#accepted;
    const socket = this.#socket;
    // Without a close_notify no client takes a truncated response for a complete
    // one; a TCP reset also drops what is still in the send buffer.
    if (
      reset && socket?.writableEnded === false &&
      accepted.remoteAddress !== undefined
    ) accepted.resetAndDestroy();
    (socket ?? accepted).destroy();
  }

  peer(): Peer | undefined {
    return this.#shown ?? (this.#own ??= peerOfSocket(this.#accepted));
  }

  setPeer(peer: Peer): void {
    this.#shown = peer;
    this.#inner?.setPeer(peer);
  }

  tls(): TlsHandshake | undefined {
    return this.#handshake;
  }

  env(exchange: ExchangeHandle): unknown {
    return this.#inner?.env(exchange);
  }

  handOver(head: Uint8Array): GivenSocket {
    return (this.#inner as NetChannel).handOver(head);
  }

  /** Begins, now or once what comes before TLS was read. */
  listen(events: ChannelEvents): void {
    this.#events = events;
    const accepted = this.#accepted;
    if (this.#options.prefaced !== true) return this.#begin();
    const onData = (bytes: Uint8Array) => events.onData(bytes);
    const onEnd = () => events.onEnd();
    const onClose = () => this.#close();
    accepted.on("error", () => {}); // "close" follows.
    accepted.on("data", onData).on("end", onEnd).on("close", onClose);
    this.startTls = (rest) => {
      this.startTls = undefined;
      accepted.off("data", onData).off("end", onEnd).off("close", onClose);
      accepted.pause();
      if (rest.length > 0) accepted.unshift(Buffer.from(rest));
      this.#begin();
    };
  }

  #begin(): void {
    // A client that is gone has no address any more.
    this.peer();
    this.#options.door.take(this.#accepted, {
      onSecure: (socket, handshake) => this.#enter(socket, handshake),
      onFailed: (reason) => {
        if (reason !== undefined) this.#tell(reason);
        this.#close();
      },
    });
  }

  #enter(socket: TLSSocket, handshake: TlsHandshake): void {
    const peer = this.peer();
    if (peer?.kind === "unix") markSocket(socket, { kind: "unix", path: "" });
    this.#handshake = handshake;
    this.#socket = socket;
    const inner = new NetChannel(socket, this.#options.envOf);
    this.#inner = inner;
    if (this.#shown !== undefined) inner.setPeer(this.#shown);
    inner.listen(this.#events, {});
  }

  #tell(reason: string): void {
    if (this.#told) return;
    this.#told = true;
    this.#options.onHandshakeFailure?.({ peer: this.peer(), reason });
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.onClose();
  }
}

/** What accepts for a secure source. */
export interface TlsIntake {
  accept(socket: Socket): void;
  rekey(material: TlsMaterial): void;
}

/** @throws what is wrong with the material */
export function createTlsIntake(
  material: TlsMaterial,
  options:
    & Pick<TransportOptions, "accept" | "onHandshakeFailure" | "prefaced">
    & Pick<TlsChannelOptions, "envOf" | "hold">,
): TlsIntake {
  const door = new TlsDoor(material);
  const channelOptions = { ...options, door };
  return {
    accept(socket) {
      const channel = new TlsChannel(socket, channelOptions);
      channel.listen(options.accept(channel));
    },
    rekey: (newer) => door.rekey(newer),
  };
}
