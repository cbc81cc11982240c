/** Addresses as the system's calls take them, see ip(7), ipv6(7) and unix(7). */
import { Buffer } from "node:buffer";
import { isIPv6 } from "node:net";
import process from "node:process";
import type { Libc } from "./libc.ts";

const MAC = process.platform === "darwin";

// Values of <sys/socket.h>: macOS, Linux (the same on x86-64 and arm64).
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6: number = MAC ? 30 : 10;

/** Size of the largest socket address. */
const ADDRESS_BYTES = 128;

/** `struct sockaddr_un`; a path that begins with NUL is an abstract name, see unix(7). */
export function unixAddress(path: string): Uint8Array {
  const name = Buffer.from(path);
  const bytes = new Uint8Array(name.length + (path.startsWith("\0") ? 2 : 3));
  writeFamily(bytes, AF_UNIX);
  bytes.set(name, 2);
  return bytes;
}

/** `struct sockaddr_un` with the family alone: the system makes an abstract name, see unix(7). */
export function namelessAddress(): Uint8Array {
  const bytes = new Uint8Array(2);
  writeFamily(bytes, AF_UNIX);
  return bytes;
}

/** `struct sockaddr_in` or `sockaddr_in6`. */
export function socketAddress(host: string, port: number): Uint8Array {
  const v6 = isIPv6(host);
  const bytes = new Uint8Array(v6 ? 28 : 16);
  writeFamily(bytes, v6 ? AF_INET6 : AF_INET);
  new DataView(bytes.buffer).setUint16(2, port);
  if (v6) bytes.set(ipv6Bytes(host), 8);
  else bytes.set(host.split(".").map(Number), 4);
  return bytes;
}

/** The port that a socket is bound to. */
export function portOf(libc: Libc, socket: number): number {
  const bytes = new Uint8Array(ADDRESS_BYTES);
  const length = new Uint8Array(new Uint32Array([ADDRESS_BYTES]).buffer);
  libc.call("getsockname", socket, bytes, length);
  return new DataView(bytes.buffer).getUint16(2);
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
