/** Listening sockets of the arbiter: made and bound here, listened on by the workers that inherit them. */
import { isIP } from "node:net";
import type {
  Address,
  Listener,
  ListenOptions,
} from "../../src/runtime/runtime.ts";
import { lookUp } from "../shared/sockets/address.ts";
import { claimPort } from "../shared/sockets/claim.ts";
import {
  nameRemover,
  setOwner,
  systemName,
  withMode,
} from "../shared/sockets/unix-name.ts";
import { FIRST_FREE, moveAbove, setCloseOnExec } from "./descriptor.ts";
import type { Libc } from "./libc.ts";
import { portOf } from "./socket-address.ts";
import { bindTcp, bindUnix } from "./socket.ts";

/** Opens an address as the arbiter does: bound and not listening, so that no client connects before a worker is ready. */
export async function listen(
  libc: Libc,
  address: Address,
  options: ListenOptions,
): Promise<Listener> {
  if (address.kind === "unix") return listenUnix(libc, address, options);
  const host = isIP(address.host) !== 0
    ? address.host
    : await lookUp(address.host);
  let { port } = address;
  const reusePort = options.reusePort || options.queues > 1;
  // SO_REUSEPORT lets a second server share the port unseen: ask without it first.
  if (reusePort && port !== 0) {
    libc.call("close", bindTcp(libc, { host, port, reusePort: false }));
  }
  const queues: number[] = [];
  const open = (count: number) => {
    while (queues.length < count) {
      const queue = bindTcp(libc, { host, port, reusePort });
      queues.push(queue);
      port = portOf(libc, queue);
    }
  };
  const claim = reusePort
    ? claimPort(host, port, (name) => bindUnix(libc, name))
    : undefined;
  const release = () => {
    if (claim !== undefined) libc.call("close", claim);
  };
  try {
    open(options.queues);
  } catch (error) {
    for (const queue of queues) libc.call("close", queue);
    release();
    throw error;
  }
  const grow = (count: number) => Promise.resolve(count).then(open);
  return { ...held(libc, { ...address, port }, queues, release), grow };
}

function listenUnix(
  libc: Libc,
  address: Address & { kind: "unix" },
  options: ListenOptions,
): Listener {
  const { path } = address;
  const queue = withMode(path, options, () => bindUnix(libc, systemName(path)));
  let removeName = () => {};
  try {
    removeName = nameRemover(path);
    setOwner(path, options);
  } catch (error) {
    libc.call("close", queue);
    removeName();
    throw error;
  }
  return held(libc, address, [queue], removeName);
}

/** Takes sockets over that this process was started with. */
export function inherit(
  libc: Libc | undefined,
  address: Address,
  descriptors: readonly number[],
): Listener {
  // Without libc they stay open as long as the process.
  if (libc === undefined) {
    return { address, queues: descriptors, close() {} };
  }
  const queues = descriptors.map((descriptor) => {
    setCloseOnExec(libc, descriptor, true);
    return moveAbove(libc, descriptor, FIRST_FREE);
  });
  const removeName = address.kind === "unix"
    ? nameRemover(address.path)
    : undefined;
  return held(libc, address, queues, removeName);
}

/** Sockets that are closed together, and what is to be done then. */
function held(
  libc: Libc,
  address: Address,
  queues: number[],
  after = () => {},
): Listener {
  return {
    address,
    queues,
    close() {
      if (queues.length === 0) return;
      for (const queue of queues.splice(0)) libc.call("close", queue);
      after();
    },
  };
}
