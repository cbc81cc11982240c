/** A connection of the wire engine on a socket of `node:net`. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { ExchangeHandle } from "../../../src/runtime/exchange.ts";
import type {
  GivenSocket,
  Peer,
  RawSocket,
} from "../../../src/runtime/runtime.ts";
import type { Channel, ChannelEvents } from "../../../src/runtime/transport.ts";
import { noEvents } from "../processes/no-events.ts";
import { peerOfSocket, withPeer } from "../sockets/peer.ts";

/**
 * Gives what a new socket reads to a function, in memory that is another's when
 * that returns; where it gives false, no more comes until the socket is
 * resumed. False where the socket cannot, and has events as others do.
 */
export type Lend = (
  socket: Socket,
  onData: (bytes: Uint8Array) => boolean,
) => boolean;

/** Gives an app what the runtime's own server would. */
export type EnvOf = (socket: Socket, exchange: ExchangeHandle) => unknown;

/** What Node's own sockets ask to see whether a write goes on. */
interface Handled {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

export class NetChannel implements Channel {
  lends = false;
  readonly #socket: Socket;
  readonly #envOf: EnvOf;
  /** What apps see of the socket. */
  #seen: Socket;
  /** Asked of the socket once. */
  #peer: Peer | undefined;
  #handed = false;
  #events: ChannelEvents = noEvents;
  /** What listens to the socket until it is handed over. */
  readonly #own: [name: string, run: (bytes: unknown) => void][] = [];

  constructor(socket: Socket, envOf: EnvOf) {
    this.#socket = this.#seen = socket;
    this.#envOf = envOf;
  }

  write(text: string, bytes?: Uint8Array, after: string = ""): boolean {
    const socket = this.#socket;
    // A write would only raise an error; "close" follows.
    if (!socket.writable) return false;
    if (bytes === undefined) return socket.write(text, "latin1");
    if (text === "" && after === "") return socket.write(bytes);
    socket.cork();
    if (text !== "") socket.write(text, "latin1");
    let room = socket.write(bytes);
    if (after !== "") room = socket.write(after, "latin1");
    socket.uncork();
    return room;
  }

  pending(): number {
    const { writableLength, _handle } = this.#socket as Socket & Handled;
    // A part of a write that is under way counts for the handle alone.
    return writableLength === 0
      ? 0
      : writableLength + (_handle?.writeQueueSize ?? 0);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  cut(reset: boolean): void {
    const socket = this.#socket;
    // A unix socket knows no reset.
    if (reset && socket.remoteAddress !== undefined && !isShutting(socket)) {
      socket.resetAndDestroy();
    } else {
      socket.destroy();
    }
  }

  peer(): Peer | undefined {
    return this.#peer ??= peerOfSocket(this.#seen);
  }

  setPeer(peer: Peer): void {
    this.#seen = withPeer(this.#socket, peer);
    this.#peer = peer;
  }

  env(exchange: ExchangeHandle): unknown {
    return this.#envOf(this.#seen, exchange);
  }

  giveTo(events: ChannelEvents): void {
    this.#events = events;
  }

  /** Listens to the socket. */
  listen(events: ChannelEvents, lend: Lend | undefined): void {
    this.#events = events;
    const socket = this.#socket;
    const own = this.#own;
    this.lends = lend?.(socket, (bytes) => this.#take(bytes)) ?? false;
    if (!this.lends) {
      own.push(["data", (bytes) => this.#events.onData(bytes as Buffer)]);
    }
    own.push(
      ["drain", () => this.#events.onDrain()],
      ["end", () => this.#events.onEnd()],
    );
    for (const [name, run] of own) socket.on(name, run);
    socket.on("close", () => this.#events.onClose());
    socket.on("error", () => {}); // "close" follows.
  }

  /** Takes lent bytes; of a socket that was handed over they go the way that its stream has. */
  #take(bytes: Uint8Array): boolean {
    if (this.#handed) return this.#socket.push(Buffer.from(bytes));
    this.#events.onData(bytes);
    return true;
  }

  handOver(bytes: Uint8Array): GivenSocket {
    this.#handed = true;
    const { buffer, byteOffset, length } = this.lends
      ? new Uint8Array(bytes)
      : bytes;
    const socket = this.#socket;
    for (const [name, run] of this.#own.splice(0)) socket.off(name, run);
    // As of a socket that never had a listener: its next listener for data
    // sets it going, which it would not where it was read before.
    Object.assign(socket, { readableFlowing: null });
    const head = Buffer.from(buffer as ArrayBuffer, byteOffset, length);
    return { socket: socket as unknown as RawSocket, head };
  }
}

/**
 * True while the end of a socket is on its way to the kernel. Node cannot reset
 * it then (24.21, 26.10): the call fails with EINVAL, "close" never comes, the
 * descriptor stays open, and the process spins when it is to end.
 * NODE-RESET-ENDING.
 */
function isShutting(socket: Socket): boolean {
  return socket.writableEnded && !socket.writableFinished &&
    socket.writableLength === 0;
}
