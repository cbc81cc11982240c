/** The wire engine's transport on `Bun.listen`, which takes inherited descriptors (Bun 1.4.5, not in its types: BUN-LISTEN-FD). */
import { statSync } from "node:fs";
import type { Address, Source } from "../../src/runtime/runtime.ts";
import type {
  Transport,
  TransportOptions,
} from "../../src/runtime/transport.ts";
import { loadGatherWrite } from "./gather.ts";
import type { GatherWrite } from "./gather.ts";
import { codec, createNetTransport } from "../shared/servers/net-transport.ts";
import { ownName } from "../shared/sockets/unix-name.ts";
import { plainListen } from "./servers.ts";
import { setImmediate } from "../shared/originals/originals.ts";
import type { Libc } from "../libc/libc.ts";
import { demandRoom, guardTap } from "../libc/room.ts";
import { restOf } from "../libc/tap.ts";
import { BunChannel } from "./wire-channel.ts";
import type { BunSocket } from "./wire-channel.ts";
import { serverOf } from "./wire-server.ts";

interface BunListenOptions {
  fd?: number;
  hostname?: string;
  port?: number;
  unix?: string;
  reusePort?: boolean;
  allowHalfOpen: boolean;
  socket: {
    open(socket: BunSocket): void;
    data(socket: BunSocket, bytes: Uint8Array): void;
    drain(socket: BunSocket): void;
    end(socket: BunSocket): void;
    close(socket: BunSocket): void;
    error(socket: BunSocket): void;
  };
}

interface BunListener {
  readonly port?: number;
  stop(): void;
}

const Bun = (globalThis as unknown as {
  Bun: {
    concatArrayBuffers(pieces: readonly Uint8Array[]): ArrayBuffer;
  };
}).Bun;

const listenTo = plainListen as (options: BunListenOptions) => BunListener;

/** Reads of fewer bytes are left to the collector. */
const FREED_BYTES = 2048;

/**
 * Frees the memory of a read: each has its own, which would stand until the
 * collector takes it (Bun 1.4.5, BUN-READ-MEMORY).
 */
function freeMemory({ buffer }: Uint8Array): void {
  (buffer as ArrayBuffer).transfer(0);
}

function listenOn(
  source: Source,
  gather: GatherWrite | undefined,
  options: TransportOptions,
): { address: Address; listener: BunListener } {
  const { address } = source;
  const { accept, ...access } = options;
  const server = serverOf(address, options);
  const channelOptions = { kind: address.kind, server, gather };
  const common = {
    allowHalfOpen: true,
    socket: {
      open(socket: BunSocket) {
        socket.setNoDelay(true);
        socket.data = new BunChannel(socket, channelOptions);
        socket.data.events = accept(socket.data);
      },
      data({ data }: BunSocket, bytes: Uint8Array) {
        data.events.onData(bytes);
        if (bytes.length >= FREED_BYTES) freeMemory(bytes);
      },
      drain: ({ data }: BunSocket) => data.onDrain(),
      end: ({ data }: BunSocket) => data.onEnd(),
      close: ({ data }: BunSocket) => data.onClose(),
      error() {}, // "close" follows.
    },
  };
  if (source.kind === "descriptor") {
    return {
      address,
      listener: listenTo({ ...common, fd: source.descriptor }),
    };
  }
  if (address.kind === "tcp") {
    const { host: hostname, port } = address;
    const listener = listenTo({ ...common, hostname, port, reusePort: true });
    return {
      address: { ...address, port: listener.port ?? port },
      listener,
    };
  }
  const { path, bind, publish } = ownName(address.path, access);
  const listener = bind(() => listenTo({ ...common, unix: path }));
  publish();
  return { address, listener };
}

/** Slices of a file of Bun's have its name, and a size of their own. */
function fileSize(blob: Blob): number | undefined {
  const { name } = blob as { readonly name?: unknown };
  if (blob instanceof File || typeof name !== "string") return undefined;
  return statSync(name, { throwIfNoEntry: false })?.size;
}

export function createBunTransport(libc: Libc | undefined): Transport {
  // Loaded at the first listen: arbiters and native engines need none.
  let gather: ReturnType<typeof loadGatherWrite> | undefined;
  // Bun.listen speaks TLS for one name alone (1.4.5, BUN-LISTEN-TLS-NAMES).
  const net = createNetTransport({
    envFor(address, options) {
      const server = serverOf(address, options);
      return () => server;
    },
    adopt: (descriptor) => libc && demandRoom(libc, descriptor),
    rest: (_server, descriptor) => restOf(libc && guardTap(libc, descriptor)),
  });
  return {
    ...codec,
    // Memory that is not cleared first.
    join: (pieces) => new Uint8Array(Bun.concatArrayBuffers(pieces)),
    fileSize,
    // Bun calls it before it looks at its sockets (1.4.5, BUN-IMMEDIATE-FIRST).
    whenRead: (run) => void setImmediate(() => setImmediate(run)),
    prepareTls: net.prepareTls,
    async listen(source, options) {
      if (options.tls !== undefined) return net.listen(source, options);
      gather ??= loadGatherWrite();
      const write = await gather;
      if (libc && source.kind === "descriptor") {
        demandRoom(libc, source.descriptor);
      }
      const { address, listener } = listenOn(source, write, options);
      // Bun.listen has a backlog of its own (1.4.5, BUN-LISTEN-BACKLOG).
      if (libc && source.kind === "descriptor") {
        libc.call("listen", source.descriptor, options.backlog);
      }
      const guarded = libc && source.kind === "descriptor"
        ? guardTap(libc, source.descriptor)
        : undefined;
      return {
        address,
        accept(on) {
          guarded?.accept(on);
          return guarded !== undefined;
        },
        close() {
          guarded?.close();
          listener.stop();
        },
      };
    },
  };
}
