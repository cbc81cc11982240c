/** The wire engine's transport on `node:net`, which all three runtimes have. */
import { Buffer } from "node:buffer";
import { createServer } from "node:net";
import type { ListenOptions, Server, Socket } from "node:net";
import type {
  Address,
  GivenSocket,
  Peer,
  RawSocket,
  Source,
} from "../../../src/runtime/runtime.ts";
import type { ExchangeHandle } from "../../../src/runtime/exchange.ts";
import type {
  Channel,
  ChannelEvents,
  Transport,
  TransportListener,
  TransportOptions,
} from "../../../src/runtime/transport.ts";
import { addressFrom } from "../sockets/address.ts";
import { markOwn } from "./own-servers.ts";
import { ownName } from "../sockets/unix-name.ts";
import { markSocket, peerOfSocket, withPeer } from "../sockets/peer.ts";

/** How a runtime differs. */
export interface NetTransportOptions {
  /** Gives an app what the runtime's own server would. */
  envOf(socket: Socket, exchange: ExchangeHandle): unknown;
  /** Readies an inherited descriptor. */
  adopt?(descriptor: number): void;
  /** Gives what makes a server on an inherited descriptor rest, where the runtime can. */
  rest(server: Server, descriptor: number): Rest | undefined;
  /** Reads without a buffer for each read, where the runtime can. */
  readonly lend?: Lend | undefined;
}

/**
 * Gives what a new socket reads to a function, in memory that is another's when
 * that returns; where it gives false, no more comes until the socket is
 * resumed. False where the socket cannot, and has events as others do.
 */
export type Lend = (
  socket: Socket,
  onData: (bytes: Uint8Array) => boolean,
) => boolean;

/** Makes a server rest. */
export interface Rest {
  /** False where it cannot. */
  accept(on: boolean): boolean;
  /** Is called right before the server is closed. */
  close?(): void;
}

/** Bytes that wait in a socket before its app does: a few parts of a stream. */
const HIGH_WATER = 256 * 1024;

type EnvOf = NetTransportOptions["envOf"];

/** What Node's own sockets ask to see whether a write goes on. */
interface Handled {
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

/** Buffer's own, which takes any Uint8Array and counts bytes from its start. */
interface Latin1 {
  latin1Slice(this: Uint8Array, from: number, to: number): string;
}

const { latin1Slice } = Buffer.prototype as unknown as Latin1;

class NetChannel implements Channel {
  lends = false;
  readonly #socket: Socket;
  readonly #envOf: EnvOf;
  /** What apps see of the socket. */
  #seen: Socket;
  /** Asked of the socket once. */
  #peer: Peer | undefined;
  #handed = false;
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

  /** Listens to the socket. */
  listen(events: ChannelEvents, lend: Lend | undefined): void {
    const socket = this.#socket;
    const own = this.#own;
    this.lends = lend?.(socket, (bytes) => this.#take(bytes, events)) ?? false;
    if (!this.lends) {
      own.push(["data", (bytes) => events.onData(bytes as Buffer)]);
    }
    own.push(
      ["drain", () => events.onDrain()],
      ["end", () => events.onEnd()],
    );
    for (const [name, run] of own) socket.on(name, run);
    socket.on("close", () => events.onClose());
    socket.on("error", () => {}); // "close" follows.
  }

  /** Takes lent bytes; of a socket that was handed over they go the way that its stream has. */
  #take(bytes: Uint8Array, events: ChannelEvents): boolean {
    if (this.#handed) return this.#socket.push(Buffer.from(bytes));
    events.onData(bytes);
    return true;
  }

  handOver(bytes: Uint8Array): GivenSocket {
    this.#handed = true;
    const { buffer, byteOffset, length } = this.lends
      ? new Uint8Array(bytes)
      : bytes;
    const socket = this.#socket;
    for (const [name, run] of this.#own) socket.off(name, run);
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

function accept(
  socket: Socket,
  options: TransportOptions,
  { envOf, lend }: Pick<NetTransportOptions, "envOf" | "lend">,
): void {
  const channel = new NetChannel(socket, envOf);
  channel.listen(options.accept(channel), lend);
}

/** Where a server listens, and what is to be done once it does. */
function listenOptions(
  source: Source,
  { backlog, ...access }: TransportOptions,
): {
  options: ListenOptions & { fd?: number };
  bind: (run: () => void) => void;
  ready: () => void;
} {
  const nothing = () => {};
  const bind = (run: () => void) => run();
  if (source.kind === "descriptor") {
    return { options: { fd: source.descriptor }, bind, ready: nothing };
  }
  const { address } = source;
  if (address.kind === "tcp") {
    const { host, port } = address;
    return {
      options: { host, port, backlog, reusePort: true },
      bind,
      ready: nothing,
    };
  }
  const own = ownName(address.path, access);
  return {
    options: { path: own.path, backlog },
    bind: own.bind,
    ready: own.publish,
  };
}

function listenOn(
  server: Server,
  source: Source,
  transportOptions: TransportOptions,
): Promise<Address> {
  const { options, bind, ready } = listenOptions(source, transportOptions);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const listening = () => {
      server.off("error", reject);
      try {
        ready();
      } catch (error) {
        server.close();
        return reject(error);
      }
      resolve(addressFrom(server.address(), source.address));
    };
    // The backlog of a descriptor is the second argument: as an option it is ignored.
    if (source.kind === "descriptor") {
      server.listen(options, transportOptions.backlog as never, listening);
    } else {
      bind(() => server.listen(options, listening));
    }
  });
}

/** What every runtime's transport does with text and bytes. */
export const codec: Omit<Transport, "listen"> = {
  latin1: (bytes, from, to) => latin1Slice.call(bytes, from, to),
  byteLength: (text) => Buffer.byteLength(text),
  join(pieces, size) {
    const { buffer, byteOffset } = Buffer.concat(pieces, size);
    return new Uint8Array(buffer, byteOffset, size);
  },
  soon: (run) => void setImmediate(run),
};

export function createNetTransport(
  netOptions: NetTransportOptions,
): Transport {
  const { adopt, rest } = netOptions;
  return {
    ...codec,
    async listen(source, options): Promise<TransportListener> {
      const server = markOwn(createServer(
        { allowHalfOpen: true, noDelay: true, highWaterMark: HIGH_WATER },
        (socket) => {
          markSocket(socket, source.address);
          accept(socket, options, netOptions);
        },
      ));
      if (source.kind === "descriptor") adopt?.(source.descriptor);
      const address = await listenOn(server, source, options);
      const resting = source.kind === "descriptor"
        ? rest(server, source.descriptor)
        : undefined;
      return {
        address,
        accept: (on) => resting?.accept(on) ?? false,
        close() {
          resting?.close?.();
          server.close();
        },
      };
    },
  };
}
