/** Unix datagrams, which `node:dgram` has on no runtime. */
import { Buffer } from "node:buffer";
import { systemName } from "../shared/sockets/unix-name.ts";
import { setCloseOnExec, setNonBlocking } from "./descriptor.ts";
import type { Libc } from "./libc.ts";
import { AF_UNIX, unixAddress } from "./socket-address.ts";

/** SOCK_DGRAM of <sys/socket.h>, the same on macOS and Linux. */
const SOCK_DGRAM = 2;

/** A way to a unix datagram socket. */
export interface UnixDatagrams {
  /** Sends one datagram, or fails with EAGAIN where there is no room. @throws the system's error */
  send(bytes: Uint8Array): void;
  close(): void;
}

/** Opens a way to a unix datagram socket. @throws the system's error when nothing takes datagrams there */
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
    // By name each time: a receiver that comes back has another socket.
    send: (bytes) =>
      void libc.call("sendto", socket, bytes, bytes.length, 0, to, to.length),
    close: () => void libc.call("close", socket),
  };
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
