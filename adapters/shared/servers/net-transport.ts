/** The wire engine's transport on `node:net`, which all three runtimes have. */
import { Buffer } from "node:buffer";
import { createServer } from "node:net";
import type { ListenOptions, Server, Socket } from "node:net";
import type { Address, Source } from "../../../src/runtime/runtime.ts";
import type {
  Transport,
  TransportListener,
  TransportOptions,
} from "../../../src/runtime/transport.ts";
import { addressFrom } from "../sockets/address.ts";
import { markOwn } from "./own-servers.ts";
import { ownName } from "../sockets/unix-name.ts";
import { markSocket } from "../sockets/peer.ts";
import { NetChannel } from "./net-channel.ts";
import type { ChannelWays, EnvOf } from "./net-channel.ts";
import { setImmediate } from "../originals/originals.ts";

/** How a runtime differs. */
export interface NetTransportOptions {
  /** What gives apps what the runtime's own server would, for what comes from an address. */
  envFor(address: Address, options: TransportOptions): EnvOf;
  /** Readies an inherited descriptor. */
  adopt?(descriptor: number): void;
  /** Gives what makes a server on an inherited descriptor rest, where the runtime can. */
  rest(server: Server, descriptor: number): Rest | undefined;
  /** See `TlsChannelOptions.hold`. */
  readonly holdSecure?: (accepted: Socket, on: boolean) => void;
  /** How it reads and writes what is not TLS. */
  readonly ways?: ChannelWays;
}

/** Makes a server rest. */
export interface Rest {
  /** False where it cannot. */
  accept(on: boolean): boolean;
  /** Is called right before the server is closed. */
  close?(): void;
}

/** Bytes that wait in a socket before its app does: a few parts of a stream. */
const HIGH_WATER = 256 * 1024;

/** Buffer's own, which takes any Uint8Array and counts bytes from its start. */
interface Latin1 {
  latin1Slice(this: Uint8Array, from: number, to: number): string;
}

const { latin1Slice } = Buffer.prototype as unknown as Latin1;

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
export const codec: Omit<Transport, "listen" | "prepareTls"> = {
  latin1: (bytes, from, to) => latin1Slice.call(bytes, from, to),
  byteLength: (text) => Buffer.byteLength(text),
  join(pieces, size) {
    const { buffer, byteOffset } = Buffer.concat(pieces, size);
    return new Uint8Array(buffer, byteOffset, size);
  },
  soon: (run) => void setImmediate(run),
  whenRead: (run) => void setImmediate(run),
};

/** Loads what only those need that speak TLS. */
const loadTls = () => import("./tls-channel.ts");

export function createNetTransport(
  netOptions: NetTransportOptions,
): Transport {
  const { adopt, rest, ways = {} } = netOptions;
  return {
    ...codec,
    async prepareTls() {
      await loadTls();
    },
    async listen(source, options): Promise<TransportListener> {
      const envOf = netOptions.envFor(source.address, options);
      const secure = options.tls && (await loadTls()).createTlsIntake(
        options.tls,
        { ...options, envOf, hold: netOptions.holdSecure },
      );
      const accept = secure?.accept ?? ((socket: Socket) => {
        const channel = new NetChannel(socket, envOf);
        channel.listen(options.accept(channel), ways);
      });
      const server = markOwn(createServer(
        {
          // See TlsDoor.
          allowHalfOpen: secure === undefined,
          noDelay: true,
          highWaterMark: HIGH_WATER,
        },
        (socket) => {
          markSocket(socket, source.address);
          accept(socket);
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
        ...(secure && { rekey: secure.rekey }),
        close() {
          resting?.close?.();
          server.close();
        },
      };
    },
  };
}
