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

/**
 * Writes text, a byte each character, past the socket's stream, which has
 * nothing to write then; undefined where it cannot. False where not all of it is
 * with the kernel: `onOut` is called when it is, or, with false, where the
 * connection is broken.
 */
export type Push = (
  socket: Socket,
  text: string,
  onOut: (well: boolean) => void,
) => boolean | undefined;

/** How a runtime reads and writes beside what all have. */
export interface ChannelWays {
  /** Reads without a buffer for each read, where the runtime can. */
  readonly lend?: Lend | undefined;
  readonly push?: Push | undefined;
}

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
  #push: Push | undefined;
  /** Texts that `#push` has not written to their end. */
  #pushed = 0;
  /** True where the end is to be sent after these. */
  #ending = false;

  constructor(socket: Socket, envOf: EnvOf) {
    this.#socket = this.#seen = socket;
    this.#envOf = envOf;
  }

  write(text: string, bytes?: Uint8Array, after: string = ""): boolean {
    const socket = this.#socket;
    // A write would only raise an error; "close" follows.
    if (!socket.writable || this.#ending) return false;
    if (bytes === undefined) {
      return this.#pushText(text) ?? socket.write(text, "latin1");
    }
    if (text === "" && after === "") return socket.write(bytes);
    socket.cork();
    if (text !== "") socket.write(text, "latin1");
    let room = socket.write(bytes);
    if (after !== "") room = socket.write(after, "latin1");
    socket.uncork();
    return room;
  }

  /** Undefined where the socket is to write it. */
  #pushText(text: string): boolean | undefined {
    const socket = this.#socket;
    // What it holds goes first, and a write of its own restarts its timeout.
    if (
      this.#push === undefined || socket.writableLength > 0 || socket.timeout
    ) {
      return undefined;
    }
    const written = this.#push(socket, text, this.#onOut);
    if (written === false) this.#pushed++;
    return written;
  }

  readonly #onOut = (well: boolean): void => {
    this.#pushed--;
    if (!well) return void this.#socket.destroy();
    if (this.#pushed > 0 || this.#handed) return;
    if (this.#ending) this.#socket.end();
    else this.#events.onDrain();
  };

  pending(): number {
    const { writableLength, _handle } = this.#socket as Socket & Handled;
    // A part of a write that is under way counts for the handle alone.
    return writableLength === 0 && this.#pushed === 0
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
    // What was pushed is ahead of it, as `cut` may have to see.
    if (this.#pushed > 0) this.#ending = true;
    else this.#socket.end();
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
  listen(events: ChannelEvents, { lend, push }: ChannelWays): void {
    this.#events = events;
    this.#push = push;
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
