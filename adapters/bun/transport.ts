/** The wire engine's transport on `Bun.listen`, which takes inherited descriptors (Bun 1.4.5, not in its types: BUN-LISTEN-FD). */
import { statSync } from "node:fs";
import type {
  Address,
  Source,
  TlsMaterial,
} from "../../src/runtime/runtime.ts";
import type {
  Transport,
  TransportOptions,
} from "../../src/runtime/transport.ts";
import { loadGatherWrite } from "./gather.ts";
import { codec } from "../shared/servers/net-transport.ts";
import { ownName } from "../shared/sockets/unix-name.ts";
import { plainListen } from "./servers.ts";
import { setImmediate } from "../shared/originals/originals.ts";
import type { Libc } from "../libc/libc.ts";
import { demandRoom, guardTap } from "../libc/room.ts";
import { hasReceived } from "../libc/tcp-info.ts";
import { BunChannel } from "./wire-channel.ts";
import type { BunChannelOptions, BunSocketEvents } from "./wire-channel.ts";
import { serverOf } from "./wire-server.ts";

interface BunListenOptions {
  fd?: number;
  hostname?: string;
  port?: number;
  unix?: string;
  reusePort?: boolean;
  allowHalfOpen: boolean;
  socket: BunSocketEvents;
}

/** How a listener's connections are served. */
interface ListenerEvents {
  readonly socket: BunSocketEvents;
  readonly rekey?: (material: TlsMaterial) => void;
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

function plainEvents(
  accept: TransportOptions["accept"],
  channelOptions: BunChannelOptions,
): BunSocketEvents {
  return {
    open(socket) {
      socket.setNoDelay(true);
      socket.data = new BunChannel(socket, channelOptions);
      socket.data.events = accept(socket.data);
    },
    data: ({ data }, bytes) => data.onData(bytes),
    drain: ({ data }) => data.onDrain(),
    end: ({ data }) => data.onEnd(),
    close: ({ data }) => data.onClose(),
    error() {}, // "close" follows.
  };
}

/** Loads what only those need that speak TLS. */
const loadTls = () => import("./tls-channel.ts");

function listenOn(
  source: Source,
  socket: BunSocketEvents,
  access: TransportOptions,
): { address: Address; listener: BunListener } {
  const { address } = source;
  const common = { allowHalfOpen: true, socket };
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
  const received = (descriptor: number) =>
    libc === undefined || hasReceived(libc, descriptor);

  async function eventsFor(
    address: Address,
    options: TransportOptions,
  ): Promise<ListenerEvents> {
    const server = serverOf(address, options);
    const channelOptions = { kind: address.kind, server };
    if (options.tls === undefined) {
      gather ??= loadGatherWrite();
      const whole = { ...channelOptions, gather: await gather };
      return { socket: plainEvents(options.accept, whole) };
    }
    const { createTlsEvents } = await loadTls();
    return createTlsEvents(options.tls, {
      ...options,
      channelOptions,
      hasReceived: received,
    });
  }

  return {
    ...codec,
    // Memory that is not cleared first.
    join: (pieces) => new Uint8Array(Bun.concatArrayBuffers(pieces)),
    fileSize,
    // Bun calls it before it looks at its sockets (1.4.5, BUN-IMMEDIATE-FIRST).
    whenRead: (run) => void setImmediate(() => setImmediate(run)),
    async prepareTls() {
      await loadTls();
    },
    async listen(source, options) {
      const events = await eventsFor(source.address, options);
      if (libc && source.kind === "descriptor") {
        demandRoom(libc, source.descriptor);
      }
      const { address, listener } = listenOn(source, events.socket, options);
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
        ...(events.rekey && { rekey: events.rekey }),
        close() {
          guarded?.close();
          listener.stop();
        },
      };
    },
  };
}
