/** Writing to a descriptor: at once, in order, and never for long where nobody reads. */
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  openSync,
  writeSync,
} from "node:fs";
import process from "node:process";
import type { AppendFile, FileOwner } from "../../src/runtime.ts";

/** How often a write is tried again where there is no room, and how long it waits each time. */
const ATTEMPTS = 50;
const PAUSE_MS = 2;

export interface WriteOptions {
  readonly attempts?: number;
  /** The most bytes to write at a time. */
  readonly piece?: number;
}

/** Writes all it can; false where that is not everything. */
export function writeAll(
  descriptor: number,
  bytes: Uint8Array,
  { attempts = ATTEMPTS, piece = Infinity }: WriteOptions = {},
): boolean {
  let offset = 0;
  while (offset < bytes.length) {
    const length = Math.min(piece, bytes.length - offset);
    try {
      offset += writeSync(descriptor, bytes, offset, length);
    } catch (error) {
      const full = (error as { code?: string }).code === "EAGAIN";
      if (!full || attempts-- <= 0) return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
  return true;
}

/** O_NONBLOCK, so that a named pipe which nobody reads holds up neither the opening nor the writing. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT |
  constants.O_NONBLOCK;

/**
 * PIPE_BUF, on Linux and the least by POSIX: so much goes into a pipe as a
 * whole or not at all, see pipe(7). Deno's writeSync goes on by itself after a
 * part and does not tell how much went out before it failed (2.9.5).
 */
const PIPE_PIECE = process.platform === "linux" ? 4096 : 512;

/** Opens a file for appending. All runtimes set O_CLOEXEC by themselves. */
export function openAppend(path: string): AppendFile {
  const descriptor = openSync(path, FLAGS, 0o666);
  const piece = fstatSync(descriptor).isFile() ? Infinity : PIPE_PIECE;
  let closed = false;
  // Who did not read is not waited for again until he does.
  let stuck = false;
  return {
    write(bytes) {
      if (closed) return false;
      const attempts = stuck ? 0 : ATTEMPTS;
      const whole = writeAll(descriptor, bytes, { attempts, piece });
      stuck = !whole;
      return whole;
    },
    close() {
      if (closed) return;
      closed = true;
      closeSync(descriptor);
    },
  };
}

/** O_EXCL makes a new file or none: a link that somebody put there is not followed. */
const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** See `Files.createFor`. */
export function createFor({ uid, gid }: FileOwner, path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, NEW, 0o666);
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return;
    throw error;
  }
  try {
    fchownSync(descriptor, uid, gid);
  } finally {
    closeSync(descriptor);
  }
}
