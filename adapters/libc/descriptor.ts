/** What is set on a descriptor by fcntl(2). */
import process from "node:process";
import type { Libc } from "./libc.ts";

const MAC = process.platform === "darwin";

// Values of <fcntl.h>: macOS, Linux (the same on x86-64 and arm64).
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const FD_CLOEXEC = 1;
const F_DUPFD_CLOEXEC = MAC ? 67 : 1030;
const O_NONBLOCK = MAC ? 0x0004 : 0x0800;

/** Descriptors below it are a child's own: its streams, its channel, what its runtime opens. */
export const FIRST_FREE = 10;

/** A blocking listener would stop the event loop that accepts from it. */
export function setNonBlocking(libc: Libc, socket: number): void {
  const flags = libc.call("fcntl", socket, F_GETFL, 0);
  libc.call("fcntl", socket, F_SETFL, flags | O_NONBLOCK);
}

/** Runs while a descriptor that others share is non-blocking. */
export function withNonBlocking<T>(
  libc: Libc,
  descriptor: number,
  run: () => T,
): T {
  const flags = libc.call("fcntl", descriptor, F_GETFL, 0);
  const before = (flags & O_NONBLOCK) !== 0;
  if (!before) libc.call("fcntl", descriptor, F_SETFL, flags | O_NONBLOCK);
  try {
    return run();
  } finally {
    if (!before) libc.call("fcntl", descriptor, F_SETFL, flags);
  }
}

/** Keeps a descriptor from what this process starts, or not. Deno 2.9.6 does not do it for what it inherits (DENO-INHERITED-CLOEXEC). */
export function setCloseOnExec(
  libc: Libc,
  descriptor: number,
  on: boolean,
): void {
  libc.call("fcntl", descriptor, F_SETFD, on ? FD_CLOEXEC : 0);
}

/** A copy of a descriptor with a number from `least` on, closed on exec. */
export function copyAbove(
  libc: Libc,
  descriptor: number,
  least: number,
): number {
  return libc.call("fcntl", descriptor, F_DUPFD_CLOEXEC, least);
}

/** The descriptor under a number from `least` on, its own where it has one. */
export function moveAbove(
  libc: Libc,
  descriptor: number,
  least: number,
): number {
  if (descriptor >= least) return descriptor;
  const copy = copyAbove(libc, descriptor, least);
  libc.call("close", descriptor);
  return copy;
}
