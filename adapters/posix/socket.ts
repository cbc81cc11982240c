/** Sockets made by libc: bound in the arbiter, listened on by the workers that inherit them. */
import { Buffer } from "node:buffer";
import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import process from "node:process";
import type { Address, Listener, ListenOptions } from "../../src/runtime.ts";
import {
  nameRemover,
  portName,
  setAccess,
  systemName,
} from "../common/unix-name.ts";
import type { Libc } from "./libc.ts";

const MAC = process.platform === "darwin";

// Values of <sys/socket.h> and <fcntl.h>: macOS, Linux (the same on x86-64 and arm64).
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = MAC ? 30 : 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOL_SOCKET = MAC ? 0xffff : 1;
const SO_REUSEADDR = MAC ? 0x0004 : 2;
const SO_REUSEPORT = MAC ? 0x0200 : 15;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const FD_CLOEXEC = 1;
const F_DUPFD_CLOEXEC = MAC ? 67 : 1030;
const O_NONBLOCK = MAC ? 0x0004 : 0x0800;

/** Descriptors below it are a child's own: its streams, its channel, what its runtime opens. */
export const FIRST_FREE = 10;

/** Size of the largest socket address. */
const ADDRESS_BYTES = 128;

/** Opens an address as the arbiter does: bound and not listening, so nobody connects before a worker is ready. */
export async function listen(
  libc: Libc,
  address: Address,
  options: ListenOptions,
): Promise<Listener> {
  if (address.kind === "unix") return listenUnix(libc, address, options);
  const host = isIP(address.host) !== 0
    ? address.host
    : (await lookup(address.host)).address;
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
  const name = reusePort ? portName(host, port) : undefined;
  const claim = name === undefined ? undefined : bindUnix(libc, name);
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
  const queue = bindUnix(libc, systemName(path));
  let removeName = () => {};
  try {
    removeName = nameRemover(path);
    setAccess(path, options);
  } catch (error) {
    libc.call("close", queue);
    removeName();
    throw error;
  }
  return held(libc, address, [queue], removeName);
}

function bindUnix(libc: Libc, name: string): number {
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

/** A listening socket without a name that anybody knows: accept(2) gives EAGAIN. */
export function openSilent(libc: Libc): number {
  const socket = open(libc, AF_UNIX);
  // With the family alone the system makes an abstract name, see unix(7).
  const nameless = new Uint8Array(2);
  writeFamily(nameless, AF_UNIX);
  libc.call("bind", socket, nameless, nameless.length);
  libc.call("listen", socket, 0);
  return socket;
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

/** `struct sockaddr_un`; a path that begins with NUL is an abstract name, see unix(7). */
function unixAddress(path: string): Uint8Array {
  const name = Buffer.from(path);
  const bytes = new Uint8Array(name.length + (path.startsWith("\0") ? 2 : 3));
  writeFamily(bytes, AF_UNIX);
  bytes.set(name, 2);
  return bytes;
}

/** A way to a unix datagram socket. */
export interface UnixDatagrams {
  /** Sends one datagram, or fails with EAGAIN where there is no room. @throws the system's error */
  send(bytes: Uint8Array): void;
  close(): void;
}

/** Opens a way to a unix datagram socket. @throws the system's error when nobody takes datagrams there */
export function openUnixDatagrams(libc: Libc, path: string): UnixDatagrams {
  const to = unixAddress(systemName(path));
  const probe = libc.call("socket", AF_UNIX, SOCK_DGRAM, 0);
  try {
    libc.call("connect", probe, to, to.length);
  } finally {
    libc.call("close", probe);
  }
  const socket = libc.call("socket", AF_UNIX, SOCK_DGRAM, 0);
  setCloseOnExec(libc, socket, true);
  setNonBlocking(libc, socket);
  return {
    // By name each time: who comes back under it is another socket.
    send: (bytes) =>
      void libc.call("sendto", socket, bytes, bytes.length, 0, to, to.length),
    close: () => void libc.call("close", socket),
  };
}

/** Two connected unix sockets, closed on exec. */
export function openPair(libc: Libc): readonly [number, number] {
  const pair = new Int32Array(2);
  const bytes = new Uint8Array(pair.buffer);
  libc.call("socketpair", AF_UNIX, SOCK_STREAM, 0, bytes);
  const [one, other] = Array.from(pair, (made) => {
    const descriptor = moveAbove(libc, made, FIRST_FREE);
    setCloseOnExec(libc, descriptor, true);
    return descriptor;
  }) as [number, number];
  return [one, other];
}

/** Sends one datagram to a unix socket. @throws the system's error */
export function sendUnixDatagram(
  libc: Libc,
  path: string,
  text: string,
): void {
  const socket = libc.call("socket", AF_UNIX, SOCK_DGRAM, 0);
  try {
    const to = unixAddress(path);
    const bytes = Buffer.from(text);
    libc.call("sendto", socket, bytes, bytes.length, 0, to, to.length);
  } finally {
    libc.call("close", socket);
  }
}

function bindTcp(
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

function open(libc: Libc, family: number): number {
  const socket = libc.call("socket", family, SOCK_STREAM, 0);
  setCloseOnExec(libc, socket, true);
  setNonBlocking(libc, socket);
  return moveAbove(libc, socket, FIRST_FREE);
}

/** A blocking listener would stop the event loop that accepts from it. */
export function setNonBlocking(libc: Libc, socket: number): void {
  const flags = libc.call("fcntl", socket, F_GETFL, 0);
  libc.call("fcntl", socket, F_SETFL, flags | O_NONBLOCK);
}

/** A copy of a descriptor with a number from `least` on, closed on exec. */
export function copyAbove(
  libc: Libc,
  descriptor: number,
  least: number,
): number {
  return libc.call("fcntl", descriptor, F_DUPFD_CLOEXEC, least);
}

/** The descriptor under a number from `least` on. */
function moveAbove(libc: Libc, descriptor: number, least: number): number {
  if (descriptor >= least) return descriptor;
  const copy = copyAbove(libc, descriptor, least);
  libc.call("close", descriptor);
  return copy;
}

/** Keeps a descriptor from what this process starts, or not. Deno 2.9.6 does not do it for what it inherits. */
export function setCloseOnExec(
  libc: Libc,
  descriptor: number,
  on: boolean,
): void {
  libc.call("fcntl", descriptor, F_SETFD, on ? FD_CLOEXEC : 0);
}

/** `struct sockaddr_in` or `sockaddr_in6`. */
function socketAddress(host: string, port: number): Uint8Array {
  const v6 = isIPv6(host);
  const bytes = new Uint8Array(v6 ? 28 : 16);
  writeFamily(bytes, v6 ? AF_INET6 : AF_INET);
  new DataView(bytes.buffer).setUint16(2, port);
  if (v6) bytes.set(ipv6Bytes(host), 8);
  else bytes.set(host.split(".").map(Number), 4);
  return bytes;
}

/** BSD systems put the length before the family, a byte each. */
function writeFamily(bytes: Uint8Array, family: number): void {
  if (MAC) bytes.set([bytes.length, family]);
  else bytes.set([family, 0]);
}

function ipv6Bytes(host: string): number[] {
  // The URL parser knows every way to write one, and writes it as eight or fewer groups.
  const text = new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => part === "" ? [] : part.split(":");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function portOf(libc: Libc, socket: number): number {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  const length = new Uint8Array(new Uint32Array([ADDRESS_BYTES]).buffer);
  libc.call("getsockname", socket, bytes, length);
  return new DataView(bytes.buffer).getUint16(2);
}
