/** The arbiter's listening sockets on Node: bound by libuv, never accepted from here. */
import { closeSync } from "node:fs";
import net from "node:net";
import { getSystemErrorName } from "node:util";
import type {
  Address,
  Listener,
  ListenOptions,
} from "../../src/runtime/runtime.ts";
import { lookUp } from "../shared/sockets/address.ts";
import { claimPort } from "../shared/sockets/claim.ts";
import { isAbstract } from "../../src/base/addresses/unix-names.ts";
import {
  nameRemover,
  setOwner,
  systemName,
  watchName,
  withMode,
} from "../shared/sockets/unix-name.ts";

/** A socket that is bound and not listening: the first worker's listen(2) opens it. */
interface Bound {
  readonly descriptor: number;
  readonly port: number;
  close(): void;
}

type BindOptions = { host: string; port: number; reusePort: boolean } | {
  path: string;
};

/** `net.BoundSocket`, public in Node 24.21 and from 26.4 (NODE-BOUND-SOCKET). */
interface BoundSocket {
  fd(): number;
  address(): { port: number } | string;
  close(): void;
}

/** What stands in for it before: libuv's handle, as `net.Server` makes it. */
interface BoundHandle {
  readonly fd: number;
  getsockname(out: { port?: number }): number;
  close(): void;
}

interface Internals {
  BoundSocket?: new (options: BindOptions) => BoundSocket;
  _createServerHandle(
    host: string,
    port: number,
    family: number,
    fd: undefined,
    flags: number,
  ): BoundHandle | number;
}

/** libuv's UV_TCP_REUSEPORT. */
const REUSE_PORT = 2;

const internals = net as unknown as Internals;

function bindError(errno: number): Error {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`bind ${code}`), {
    code,
    errno,
    syscall: "bind",
  });
}

function bind(options: BindOptions): Bound {
  if (internals.BoundSocket !== undefined) {
    const socket = new internals.BoundSocket(options);
    const at = socket.address();
    const port = typeof at === "string" ? 0 : at.port;
    return { descriptor: socket.fd(), port, close: () => socket.close() };
  }
  const handle = "path" in options
    ? internals._createServerHandle(options.path, -1, -1, undefined, 0)
    : internals._createServerHandle(
      options.host,
      options.port,
      net.isIPv6(options.host) ? 6 : 4,
      undefined,
      options.reusePort ? REUSE_PORT : 0,
    );
  if (typeof handle === "number") throw bindError(handle);
  const name: { port?: number } = {};
  // libuv keeps the EADDRINUSE of a TCP bind back until the address is read
  // (NODE-LATE-EADDRINUSE).
  const failed = "path" in options ? 0 : handle.getsockname(name);
  if (failed !== 0) {
    handle.close();
    throw bindError(failed);
  }
  return {
    descriptor: handle.fd,
    port: name.port ?? 0,
    close: () => handle.close(),
  };
}

export async function listen(
  address: Address,
  options: ListenOptions,
): Promise<Listener> {
  if (address.kind === "unix") return listenUnix(address, options);
  const bound: Bound[] = [];
  const host = net.isIP(address.host) !== 0
    ? address.host
    : await lookUp(address.host);
  let { port } = address;
  const reusePort = options.reusePort || options.queues > 1;
  // SO_REUSEPORT lets a second server share the port unseen: ask without it first.
  if (reusePort && port !== 0) bind({ host, port, reusePort: false }).close();
  const open = (queues: number) => {
    while (bound.length < queues) {
      const socket = bind({ host, port, reusePort });
      bound.push(socket);
      port = socket.port;
    }
  };
  const claimed = reusePort
    ? claimPort(host, port, (path) => bind({ path }))
    : undefined;
  const claim = claimed === undefined ? [] : [claimed];
  try {
    open(options.queues);
  } catch (error) {
    for (const socket of [...bound, ...claim]) socket.close();
    throw error;
  }
  return Object.assign(listenerOf({ ...address, port }, bound, claim), {
    grow: (queues: number) => Promise.resolve(queues).then(open),
  });
}

function listenUnix(
  address: Address & { kind: "unix" },
  options: ListenOptions,
): Listener {
  const { path } = address;
  const bound = withMode(path, options, () => bind({ path: systemName(path) }));
  try {
    // No client can connect before a worker listens, so owner and mode are right from the first moment.
    setOwner(path, options);
  } catch (error) {
    bound.close();
    throw error;
  }
  if (isAbstract(path)) return listenerOf(address, [bound]);
  const isOwn = watchName(path);
  return {
    address,
    queues: [bound.descriptor],
    close() {
      // libuv removes whatever stands at the path (NODE-UNIX-UNLINK): where
      // that is another's, the socket stays open for as long as this process
      // lives.
      if (isOwn()) bound.close();
    },
  };
}

function listenerOf(
  address: Address,
  bound: Bound[],
  claim: Bound[] = [],
): Listener {
  return {
    address,
    get queues() {
      return bound.map((socket) => socket.descriptor);
    },
    close() {
      for (const socket of [...bound.splice(0), ...claim.splice(0)]) {
        socket.close();
      }
    },
  };
}

/** Takes sockets over that this process was started with; Node sets close-on-exec on them by itself. */
export function inherit(
  address: Address,
  descriptors: readonly number[],
): Listener {
  const queues = [...descriptors];
  const removeName = address.kind === "unix"
    ? nameRemover(address.path)
    : () => {};
  return {
    address,
    queues,
    close() {
      if (queues.length === 0) return;
      for (const queue of queues.splice(0)) closeSync(queue);
      removeName();
    },
  };
}
