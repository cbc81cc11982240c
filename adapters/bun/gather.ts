/** Writes several pieces in one call, which Bun's sockets cannot (1.4.5, BUN-ONE-PIECE): sendmsg(2), on Linux. */
import process from "node:process";
import { MODULE } from "./ffi.ts";
import { LIBRARY_NAMES } from "../libc/libc.ts";

/** Gives how many bytes the kernel took, less than 0 for none. */
export type GatherWrite = (
  socket: number,
  pieces: readonly Uint8Array[],
) => number;

/** The part of `bun:ffi` that is used here. */
interface BunFfi {
  dlopen(
    library: string,
    symbols: Record<string, { args: string[]; returns: string }>,
  ): {
    symbols: {
      sendmsg(socket: number, message: Uint8Array, flags: number): number;
    };
  };
  ptr(bytes: Uint8Array): number;
}

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** Pieces that one call takes here. */
const MOST = 8;

// Words of 64 bits in `struct msghdr`, and its size.
const PIECES = 2;
const COUNT = 3;
const WORDS = 7;

/** Opens it; undefined where that is not possible. */
export async function loadGatherWrite(): Promise<GatherWrite | undefined> {
  if (process.platform !== "linux") return undefined;
  const { dlopen, ptr }: BunFfi = await import(MODULE);
  const types = { args: ["i32", "ptr", "i32"], returns: "i32" };
  for (const library of LIBRARY_NAMES) {
    try {
      const { sendmsg } = dlopen(library, { sendmsg: types }).symbols;
      return gatherWith(sendmsg, ptr);
    } catch {
      continue; // Another libc: the caller writes piece by piece.
    }
  }
  return undefined;
}

function gatherWith(
  sendmsg: (socket: number, message: Uint8Array, flags: number) => number,
  ptr: (bytes: Uint8Array) => number,
): GatherWrite {
  // Addresses have 48 bits: a double holds them, and is written as two halves.
  const iovecs = new Uint32Array(4 * MOST);
  const message = new Uint32Array(2 * WORDS);
  const bytes = new Uint8Array(message.buffer);
  const put = (words: Uint32Array, at: number, value: number) => {
    words[2 * at] = value % 2 ** 32;
    words[2 * at + 1] = Math.floor(value / 2 ** 32);
  };
  put(message, PIECES, ptr(new Uint8Array(iovecs.buffer)));
  return (socket, pieces) => {
    const count = Math.min(MOST, pieces.length);
    for (let at = 0; at < count; at++) {
      const piece = pieces[at] as Uint8Array;
      put(iovecs, 2 * at, ptr(piece));
      put(iovecs, 2 * at + 1, piece.length);
    }
    put(message, COUNT, count);
    return sendmsg(socket, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
  };
}
