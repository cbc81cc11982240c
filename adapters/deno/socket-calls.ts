/** The calls of Linux's libc that busy connections make, as Deno makes them fast. */
import process from "node:process";
import { ERRNO_SYMBOL, LIBRARY_NAMES } from "../libc/libc.ts";

// Values of <errno.h> on Linux.
export const EINTR = 4;
export const EAGAIN = 11;

/** An address in memory that is not JavaScript's. */
export type Pointer = { readonly address: unique symbol } | null;

/**
 * The calls; each gives -1 for a failure. Sizes are BigInts: given as a number
 * Deno takes the slow way to the same call, 0.28 µs in place of 0.02, and was
 * seen to abort once the code around it was optimized (2.9.5, DENO-FFI-SIZES).
 * Results are declared as ints, since a 64-bit one is always a BigInt
 * (DENO-FFI-RESULTS).
 */
export interface SocketCalls {
  /** The error of the last call that failed. */
  errno(): number;
  accept4(listener: number, address: bigint, size: bigint, on: number): number;
  recv(socket: number, into: Uint8Array, size: bigint, on: number): number;
  send(socket: number, bytes: Uint8Array, size: bigint, on: number): number;
  shutdown(socket: number, how: number): number;
  close(descriptor: number): number;
  setsockopt(
    socket: number,
    level: number,
    name: number,
    value: Uint8Array,
    size: number,
  ): number;
  getpeername(socket: number, address: Uint8Array, size: Uint8Array): number;
  eventfd(count: number, on: number): number;
  eventfd_write(descriptor: number, count: bigint): number;
  epoll_create1(on: number): number;
  epoll_ctl(epoll: number, how: number, fd: number, event: Uint8Array): number;
  epoll_wait(
    epoll: number,
    events: Uint8Array,
    most: number,
    ms: number,
  ): number;
  /** epoll_wait(2) in a thread, where it may wait: into memory that is there whenever it ends. */
  wait(
    epoll: number,
    events: Pointer,
    most: number,
    ms: number,
  ): Promise<number>;
  /** Zeros; null where there is no memory. */
  calloc(count: bigint, size: bigint): Pointer;
  /** Fills an array with what stands there. */
  copy(from: Pointer, into: Uint8Array): void;
}

interface Signature {
  readonly name?: string;
  readonly parameters: readonly string[];
  readonly result: string;
  readonly nonblocking?: boolean;
}

const WAIT = ["i32", "buffer", "i32", "i32"];

/** Results are declared as ints, which all of these fit: of 64 bits they would be BigInts. */
const SIGNATURES: Readonly<Record<string, Signature>> = {
  accept4: { parameters: ["i32", "usize", "usize", "i32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  setsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "i32"],
    result: "i32",
  },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  eventfd_write: { parameters: ["i32", "u64"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: WAIT, result: "i32" },
  wait: {
    name: "epoll_wait",
    parameters: ["i32", "pointer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  calloc: { parameters: ["usize", "usize"], result: "pointer" },
  [ERRNO_SYMBOL]: { parameters: [], result: "pointer" },
};

/** The part of Deno's FFI that is used here. */
interface DenoFfi {
  dlopen(
    library: string,
    symbols: Readonly<Record<string, Signature>>,
  ): { readonly symbols: unknown };
  readonly UnsafePointerView: {
    getArrayBuffer(pointer: unknown, size: number): ArrayBuffer;
    copyInto(pointer: unknown, into: Uint8Array): void;
  };
  readonly permissions: {
    querySync(permission: { name: "ffi" }): { readonly state: string };
  };
}

const { Deno } = globalThis as unknown as { Deno: DenoFfi };

/** Opens them; undefined where that is not possible or not permitted. */
export function loadSocketCalls(): SocketCalls | undefined {
  if (process.platform !== "linux") return undefined;
  // Asking without permission would prompt on a terminal.
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    return undefined;
  }
  for (const library of LIBRARY_NAMES) {
    try {
      const { symbols } = Deno.dlopen(library, SIGNATURES);
      const location = (symbols as Record<string, () => unknown>)[ERRNO_SYMBOL];
      // It is this thread's for good: a look at it is a look into memory.
      const errno = new Int32Array(
        Deno.UnsafePointerView.getArrayBuffer(location!(), 4),
      );
      return {
        ...symbols as Omit<SocketCalls, "errno" | "copy">,
        copy: (from, into) => Deno.UnsafePointerView.copyInto(from, into),
        errno: () => errno[0] as number,
      };
    } catch {
      continue; // Another libc: the caller falls back.
    }
  }
  return undefined;
}
