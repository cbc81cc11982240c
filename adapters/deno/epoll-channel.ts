/** A connection of the wire engine on a descriptor of its own. */
import { Buffer } from "node:buffer";
import type { Address, Peer } from "../../src/runtime/runtime.ts";
import type { ExchangeHandle } from "../../src/runtime/exchange.ts";
import type { Channel, ChannelEvents } from "../../src/runtime/transport.ts";
import { noEvents } from "../shared/processes/no-events.ts";
import { Unsent } from "../shared/sockets/unsent.ts";
import { readPeer } from "./sockaddr.ts";
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT } from "./event-loop.ts";
import type { EventLoop, Watch, Watched } from "./event-loop.ts";
import { EAGAIN, EINTR } from "./socket-calls.ts";
import { microtask } from "../../src/base/promise.ts";

// Values of <sys/socket.h> on Linux.
const SOL_SOCKET = 1;
const SO_LINGER = 13;
const SHUT_WR = 1;
const SHUT_RDWR = 2;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;

/** Bytes that are read at once, of one connection after the other. */
const READ_BYTES = 256 * 1024;

/** Bytes that are put together for one write. */
const JOINED_BYTES = 32 * 1024;

/** Text and little bytes on their way; what does not fit is written from where it is. */
const OUT_BYTES = 256 * 1024;

/** `struct linger`: the end is a reset. */
const RESET = new Uint8Array(new Int32Array([1, 0]).buffer);

const encoder = new TextEncoder();
const incoming = new Uint8Array(READ_BYTES);
const incomingSize = BigInt(READ_BYTES);
const outgoing = Buffer.alloc(OUT_BYTES);

export interface ChannelOptions {
  readonly loop: EventLoop;
  readonly kind: Address["kind"];
  /** Gives an app what the runtime's own server would. */
  envOf(channel: Channel, exchange: ExchangeHandle): unknown;
}

/** Writes text, a byte each character, and gives the place after it. */
function encode(text: string, at: number): number {
  const into = at === 0 ? outgoing : outgoing.subarray(at);
  // The fast way knows UTF-8 only, which ASCII is.
  const { read, written } = encoder.encodeInto(text, into);
  if (written !== text.length || read !== written) {
    outgoing.write(text, at, "latin1");
  }
  return at + text.length;
}

export class EpollChannel implements Channel, Watched {
  readonly lends = true;
  /** What is told of events; set once the channel was accepted. */
  events: ChannelEvents = noEvents;
  readonly #options: ChannelOptions;
  readonly #socket: number;
  readonly #watch: Watch;
  /** What the kernel did not take yet; undefined for nothing. */
  #rest: Unsent | undefined;
  #waits = EPOLLIN;
  #paused = false;
  /** True once `end` was called. */
  #ends = false;
  /** True when the client sends no more. */
  #ended = false;
  #closed = false;
  #peer: Peer | undefined;

  /** Takes over an accepted socket. @throws where it cannot be waited for */
  constructor(socket: number, options: ChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#watch = options.loop.watch(
      socket,
      EPOLLIN,
      this,
    );
  }

  write(text: string, bytes?: Uint8Array, after: string = ""): boolean {
    if (this.#closed || this.#ends) return false;
    if (bytes === undefined) return this.#putText(text + after, 0);
    if (text === "" && after === "") return this.#put(bytes, bytes.length, 0);
    const size = text.length + bytes.length + after.length;
    if (size > JOINED_BYTES) {
      // Large bytes are not copied; what stands around them goes in their packets.
      if (text !== "") this.#putText(text, MSG_MORE);
      if (after === "") return this.#put(bytes, bytes.length, 0);
      this.#put(bytes, bytes.length, MSG_MORE);
      return this.#putText(after, 0);
    }
    let end = encode(text, 0);
    outgoing.set(bytes, end);
    end += bytes.length;
    if (after !== "") end = encode(after, end);
    return this.#put(outgoing, end, 0, true);
  }

  writeLent(bytes: Uint8Array, size: number): boolean {
    if (this.#closed || this.#ends) return false;
    return this.#put(bytes, size, 0, true);
  }

  pending(): number {
    return this.#rest?.size ?? 0;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (!this.#ended) this.#want(this.#waits | EPOLLIN);
  }

  end(): void {
    if (this.#closed || this.#ends) return;
    this.#ends = true;
    if (this.#rest === undefined) this.#shutDown();
  }

  cut(reset: boolean): void {
    if (this.#closed) return;
    const { loop, kind } = this.#options;
    // A unix socket knows no reset.
    if (reset && kind === "tcp") {
      const { length } = RESET;
      loop.calls.setsockopt(this.#socket, SOL_SOCKET, SO_LINGER, RESET, length);
    }
    this.#close();
  }

  peer(): Peer | undefined {
    if (this.#peer !== undefined) return this.#peer;
    const { loop, kind } = this.#options;
    if (kind === "unix") return this.#peer = { kind };
    if (this.#closed) return undefined;
    return this.#peer = readPeer(loop.calls, this.#socket);
  }

  giveTo(events: ChannelEvents): void {
    this.events = events;
  }

  setPeer(peer: Peer): void {
    this.#peer = peer;
  }

  env(exchange: ExchangeHandle): unknown {
    return this.#options.envOf(this, exchange);
  }

  onThreadEnd(): void {
    this.#options.loop.calls.shutdown(this.#socket, SHUT_RDWR);
  }

  onReady(ready: number): void {
    if ((ready & EPOLLOUT) !== 0) this.#flush();
    if (this.#closed) return;
    if ((ready & (EPOLLERR | EPOLLHUP)) !== 0) return this.#readLast();
    if ((ready & EPOLLIN) === 0) return;
    // A pause that was short has cost nothing.
    if (this.#paused) return this.#want(this.#waits & ~EPOLLIN);
    this.#read();
  }

  /** Reads once; false where nothing is left to read. */
  #read(): boolean {
    const { calls } = this.#options.loop;
    const count = calls.recv(this.#socket, incoming, incomingSize, 0);
    if (count > 0) {
      this.events.onData(incoming.subarray(0, count));
      return true;
    }
    if (count < 0) {
      const errno = calls.errno();
      if (errno !== EAGAIN && errno !== EINTR) this.#close();
      return false;
    }
    this.#ended = true;
    this.#want(this.#waits & ~EPOLLIN);
    this.events.onEnd();
    if (this.#ends && this.#rest === undefined) this.#close();
    return false;
  }

  /** Nothing can be sent any more: takes what came before. */
  #readLast(): void {
    while (!this.#closed && !this.#paused && !this.#ended && this.#read());
    this.#close();
  }

  #putText(text: string, flags: number): boolean {
    if (text.length <= OUT_BYTES) {
      return this.#put(outgoing, encode(text, 0), flags, true);
    }
    const bytes = Buffer.from(text, "latin1");
    return this.#put(bytes, bytes.length, flags);
  }

  /** Writes, and keeps what the kernel does not take, a copy of what is lent; false where that is some. */
  #put(bytes: Uint8Array, size: number, flags: number, lent = false): boolean {
    let taken = 0;
    if (this.#rest === undefined) {
      taken = this.#send(bytes, size, flags);
      if (this.#closed) return false;
      if (taken === size) return true;
    }
    (this.#rest ??= new Unsent()).add(bytes.subarray(taken, size), lent);
    this.#want(this.#waits | EPOLLOUT);
    return false;
  }

  #send(bytes: Uint8Array, size: number, flags: number): number {
    const { calls } = this.#options.loop;
    const on = MSG_NOSIGNAL | flags;
    const count = calls.send(this.#socket, bytes, BigInt(size), on);
    if (count >= 0) return count;
    const errno = calls.errno();
    if (errno !== EAGAIN && errno !== EINTR) this.#close();
    return 0;
  }

  #flush(): void {
    const rest = this.#rest;
    while (rest !== undefined && rest.size > 0) {
      const { first } = rest;
      const taken = this.#send(first, first.length, 0);
      if (this.#closed) return;
      rest.drop(taken);
      if (taken < first.length) return;
    }
    this.#rest = undefined;
    this.#want(this.#waits & ~EPOLLOUT);
    if (this.#ends) this.#shutDown();
    if (!this.#closed) this.events.onDrain();
  }

  #shutDown(): void {
    if (this.#ended) return this.#close();
    this.#options.loop.calls.shutdown(this.#socket, SHUT_WR);
  }

  #want(events: number): void {
    if (this.#closed || events === this.#waits) return;
    this.#waits = events;
    this.#watch.listen(events);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rest = undefined;
    this.#watch.end();
    this.#options.loop.calls.close(this.#socket);
    // Not within a call of its listener.
    microtask(() => this.events.onClose());
  }
}
