/** Stream sockets made by libc: non-blocking and closed on exec. */
import { isIPv6 } from "node:net";
import process from "node:process";
import {
  FIRST_FREE,
  moveAbove,
  setCloseOnExec,
  setNonBlocking,
} from "./descriptor.ts";
import type { Libc } from "./libc.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  namelessAddress,
  socketAddress,
  unixAddress,
} from "./socket-address.ts";

const MAC = process.platform === "darwin";

// Values of <sys/socket.h>: macOS, Linux (the same on x86-64 and arm64).
const SOCK_STREAM = 1;
const SOL_SOCKET = MAC ? 0xffff : 1;
const SO_REUSEADDR = MAC ? 0x0004 : 2;
const SO_REUSEPORT = MAC ? 0x0200 : 15;

/** A socket with an address. @throws the system's error */
export function bindTcp(
  libc: Libc,
  { host, port, reusePort }: { host: string; port: number; reusePort: boolean },
): number {
  const bytes = socketAddress(host, port);
  const socket = open(libc, isIPv6(host) ? AF_INET6 : AF_INET);
  try {
    const on = new Uint8Array([1, 0, 0, 0]);
    libc.call("setsockopt", socket, SOL_SOCKET, SO_REUSEADDR, on, on.length);
    if (reusePort) {
      libc.call("setsockopt", socket, SOL_SOCKET, SO_REUSEPORT, on, on.length);
    }
    libc.call("bind", socket, bytes, bytes.length);
  } catch (error) {
    libc.call("close", socket);
    throw error;
  }
  return socket;
}

/** A unix socket with a name as the system takes it. @throws the system's error */
export function bindUnix(libc: Libc, name: string): number {
  const bytes = unixAddress(name);
  const socket = open(libc, AF_UNIX);
  try {
    libc.call("bind", socket, bytes, bytes.length);
  } catch (error) {
    libc.call("close", socket);
    throw error;
  }
  return socket;
}

/** A listening socket that no client knows: accept(2) gives EAGAIN. */
export function openSilent(libc: Libc): number {
  const socket = open(libc, AF_UNIX);
  const bytes = namelessAddress();
  libc.call("bind", socket, bytes, bytes.length);
  libc.call("listen", socket, 0);
  return socket;
}

/** Two connected unix sockets, closed on exec. */
export function openPair(libc: Libc): readonly [number, number] {
  const pair = new Int32Array(2);
  const bytes = new Uint8Array(pair.buffer);
  libc.call("socketpair", AF_UNIX, SOCK_STREAM, 0, bytes);
  const open = new Set(pair);
  try {
    const [one, other] = Array.from(pair, (made) => {
      const descriptor = moveAbove(libc, made, FIRST_FREE);
      open.delete(made);
      open.add(descriptor);
      setCloseOnExec(libc, descriptor, true);
      return descriptor;
    }) as [number, number];
    return [one, other];
  } catch (error) {
    for (const one of open) libc.attempt("close", one);
    throw error;
  }
}

function open(libc: Libc, family: number): number {
  const socket = libc.call("socket", family, SOCK_STREAM, 0);
  try {
    setCloseOnExec(libc, socket, true);
    setNonBlocking(libc, socket);
    return moveAbove(libc, socket, FIRST_FREE);
  } catch (error) {
    libc.attempt("close", socket);
    throw error;
  }
}
