/** A connection of the wire engine on one of Bun's sockets: how text and bytes get out of it. */
import { Buffer } from "node:buffer";
import type { Address, Peer } from "../../src/runtime/runtime.ts";
import type { Channel, ChannelEvents } from "../../src/runtime/transport.ts";
import { noEvents } from "../shared/processes/no-events.ts";
import { Unsent } from "../shared/sockets/unsent.ts";
import type { GatherWrite } from "./gather.ts";

/** The part of Bun's sockets that corn uses. */
export interface BunSocket {
  data: BunChannel;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  /** Gives the number of bytes that the kernel took, or less than 0 on a closed socket. */
  write(data: string | Uint8Array, from?: number, size?: number): number;
  readonly fd: number;
  setNoDelay(on: boolean): void;
  pause(): void;
  resume(): void;
  /** Sends the end; data still comes. */
  shutdown(): void;
  end(): void;
  /** Resets it. */
  terminate(): void;
}

/** What Bun calls for the connections of a listener. */
export interface BunSocketEvents {
  open(socket: BunSocket): void;
  data?(socket: BunSocket, bytes: Uint8Array): void;
  drain(socket: BunSocket): void;
  end?(socket: BunSocket): void;
  close?(socket: BunSocket): void;
  error?(socket: BunSocket): void;
}

/** Bytes that are put together with the text around them for one write. */
const MAX_JOINED = 16 * 1024;

/** Text on its way, and what is put together. */
const outgoing = Buffer.alloc(256 * 1024);

export interface BunChannelOptions {
  readonly kind: Address["kind"];
  readonly server: unknown;
  readonly gather: GatherWrite | undefined;
}

/** Reads of fewer bytes are left to the collector. */
const FREED_BYTES = 2048;

/**
 * Frees the memory of a read: each has its own, which would stand until the
 * collector takes it (Bun 1.4.5, BUN-READ-MEMORY).
 */
function freeMemory({ buffer }: Uint8Array): void {
  (buffer as ArrayBuffer).transfer(0);
}

export class BunChannel implements Channel {
  readonly lends = true;
  /** Who is told what happens; set once the channel was accepted. */
  events: ChannelEvents = noEvents;
  #socket: BunSocket;
  readonly #options: BunChannelOptions;
  /** What the kernel did not take yet; undefined for nothing. */
  #rest: Unsent | undefined;
  #ends = false;
  #closed = false;
  /** Asked of the socket once. */
  #peer: Peer | undefined;

  constructor(socket: BunSocket, options: BunChannelOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  write(text: string, bytes?: Uint8Array, after: string = ""): boolean {
    if (this.#closed || this.#ends) return false;
    if (bytes === undefined) return this.#putText(text + after);
    if (text === "" && after === "") return this.#put(bytes, bytes.length);
    if (bytes.length > MAX_JOINED) return this.#putAround(text, bytes, after);
    if (text.length + after.length > MAX_JOINED) {
      this.#putText(text);
      this.#put(bytes, bytes.length);
      return this.#putText(after);
    }
    let size = outgoing.write(text, 0, "latin1");
    outgoing.set(bytes, size);
    size += bytes.length;
    size += outgoing.write(after, size, "latin1");
    return this.#put(outgoing, size, true);
  }

  writeLent(bytes: Uint8Array, size: number): boolean {
    if (this.#closed || this.#ends) return false;
    return this.#put(bytes, size, true);
  }

  pending(): number {
    return this.#rest?.size ?? 0;
  }

  pause(): void {
    if (!this.#closed) this.#socket.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  end(): void {
    if (this.#closed || this.#ends) return;
    this.#ends = true;
    if (this.#rest === undefined) this.#socket.shutdown();
  }

  cut(reset: boolean): void {
    if (this.#closed) return;
    if (reset) this.#socket.terminate();
    else this.#socket.end();
  }

  peer(): Peer | undefined {
    if (this.#peer !== undefined) return this.#peer;
    const { kind } = this.#options;
    if (kind === "unix") return this.#peer = { kind };
    const { remoteAddress: address, remotePort: port } = this.#socket;
    // A client that is gone has none.
    return this.#peer = address
      ? { kind, address, port: port ?? 0 }
      : undefined;
  }

  giveTo(events: ChannelEvents): void {
    this.events = events;
  }

  setPeer(peer: Peer): void {
    this.#peer = peer;
  }

  /** True once it is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Goes on by another of Bun's sockets on the same connection. */
  moveTo(socket: BunSocket): void {
    this.#socket = socket;
  }

  env(): unknown {
    return this.#options.server;
  }

  onData(bytes: Uint8Array): void {
    this.events.onData(bytes);
    if (bytes.length >= FREED_BYTES) freeMemory(bytes);
  }

  onDrain(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    while (rest.size > 0) {
      const { first } = rest;
      const taken = this.#socket.write(first, 0, first.length);
      if (taken > 0) rest.drop(taken);
      if (taken < first.length) return;
    }
    this.#rest = undefined;
    if (this.#ends) this.#socket.shutdown();
    this.events.onDrain();
  }

  onEnd(): void {
    this.events.onEnd();
    // Both ends were sent: Bun closes only when it is told to (1.4.5,
    // BUN-BOTH-ENDS).
    if (this.#ends && this.#rest === undefined) this.#socket.end();
  }

  onClose(): void {
    this.#closed = true;
    this.events.onClose();
  }

  #putText(text: string): boolean {
    // Bun writes strings as UTF-8, which ASCII is.
    if (this.#rest === undefined && Buffer.byteLength(text) === text.length) {
      const taken = this.#socket.write(text);
      if (taken >= text.length) return true;
      if (taken < 0) return false;
      return this.#keep(Buffer.from(text).subarray(taken), false);
    }
    const bytes = Buffer.from(text, "latin1");
    return this.#put(bytes, bytes.length);
  }

  /** Large bytes are not copied, and go out with what stands around them. */
  #putAround(text: string, bytes: Uint8Array, after: string): boolean {
    const gather = this.#options.gather;
    const around = text.length + after.length;
    if (
      gather === undefined || this.#rest !== undefined ||
      around > outgoing.length
    ) {
      this.#putText(text);
      this.#put(bytes, bytes.length);
      return this.#putText(after);
    }
    const from = outgoing.write(text, 0, "latin1");
    outgoing.write(after, from, "latin1");
    const pieces = [bytes];
    if (from > 0) pieces.unshift(outgoing.subarray(0, from));
    if (around > from) pieces.push(outgoing.subarray(from, around));
    let taken = Math.max(0, gather(this.#socket.fd, pieces));
    if (taken === around + bytes.length) return true;
    // The rest by the socket itself, which waits until there is room.
    const left: Uint8Array[] = [];
    for (const piece of pieces) {
      if (taken < piece.length) left.push(piece.subarray(taken));
      taken = Math.max(0, taken - piece.length);
    }
    const rest = Buffer.concat(left);
    return this.#put(rest, rest.length);
  }

  /** Writes the first `size` bytes, and keeps what the kernel does not take: a copy of what is lent. */
  #put(data: Uint8Array, size: number, lent = false): boolean {
    if (size === 0) return this.#rest === undefined;
    if (this.#rest !== undefined) {
      return this.#keep(data.subarray(0, size), lent);
    }
    const taken = this.#socket.write(data, 0, size);
    if (taken >= size) return true;
    if (taken < 0) return false;
    return this.#keep(data.subarray(taken, size), lent);
  }

  /** Keeps what the kernel does not take now. */
  #keep(bytes: Uint8Array, lent: boolean): false {
    (this.#rest ??= new Unsent()).add(bytes, lent);
    return false;
  }
}
