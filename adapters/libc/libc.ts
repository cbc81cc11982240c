/** The calls of libc that corn makes by FFI on Bun and Deno, and how each runtime is asked for them. */
import process from "node:process";
import { getSystemErrorName } from "node:util";

/** A C type: a 32-bit integer, a size_t, or a pointer to bytes that the callee reads or fills. */
export type CType = "i32" | "usize" | "bytes";

/** The calls, with their parameters; each returns an int, -1 for a failure. */
const SYMBOLS = {
  socket: ["i32", "i32", "i32"],
  setsockopt: ["i32", "i32", "i32", "bytes", "i32"],
  bind: ["i32", "bytes", "i32"],
  listen: ["i32", "i32"],
  socketpair: ["i32", "i32", "i32", "bytes"],
  connect: ["i32", "bytes", "i32"],
  getsockname: ["i32", "bytes", "bytes"],
  getsockopt: ["i32", "i32", "i32", "bytes", "bytes"],
  close: ["i32"],
  dup2: ["i32", "i32"],
  fcntl: ["i32", "i32", "i32"],
  setgroups: ["usize", "bytes"],
  waitpid: ["i32", "bytes", "i32"],
  clock_gettime: ["i32", "bytes"],
  open: ["bytes", "i32"],
  write: ["i32", "bytes", "usize"],
  poll: ["bytes", "usize", "i32"],
  getrlimit: ["i32", "bytes"],
  setrlimit: ["i32", "bytes"],
  sendto: ["i32", "bytes", "usize", "i32", "bytes", "i32"],
} as const;

/** What Linux has besides. */
const LINUX_SYMBOLS = {
  prctl: ["i32", "usize", "usize", "usize", "usize"],
  epoll_ctl: ["i32", "i32", "i32", "bytes"],
  syscall: ["usize", "usize", "usize", "usize"],
} as const;

export type SymbolName = keyof typeof SYMBOLS | keyof typeof LINUX_SYMBOLS;

/** What a call is given; a size as a bigint where Deno is to take the fast way (2.9.5, DENO-FFI-SIZES). */
export type Argument = number | bigint | Uint8Array;

/** libc, called. */
export interface Libc {
  /** As `call`, but gives -1 for a failure. */
  attempt(name: SymbolName, ...args: Argument[]): number;
  /** @throws the system's error */
  call(name: SymbolName, ...args: Argument[]): number;
}

/** A function of a library. */
export type ForeignFunction = (...args: unknown[]) => number;

/** What a runtime's FFI gives. */
export interface ForeignLibrary {
  /** Looks a function up; undefined for one of another system's. */
  find(name: string): ForeignFunction | undefined;
  /** Reads the calling thread's errno. */
  errno(): number;
}

/** Names of libc: glibc, musl, macOS. */
export const LIBRARY_NAMES: readonly string[] = process.platform === "darwin"
  ? ["libSystem.B.dylib"]
  : [
    "libc.so.6",
    `libc.musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`,
    "libc.so",
  ];

/** The symbols of this system. */
export function symbolsHere(): Record<string, readonly CType[]> {
  return process.platform === "linux"
    ? { ...SYMBOLS, ...LINUX_SYMBOLS }
    : { ...SYMBOLS };
}

/** The function that gives the address of errno: Linux, macOS. */
export const ERRNO_SYMBOL = process.platform === "darwin"
  ? "__error"
  : "__errno_location";

/** Opens the first library that is there, undefined where none is or FFI is not permitted. */
export function openLibc(
  open: (library: string) => ForeignLibrary,
): Libc | undefined {
  for (const name of LIBRARY_NAMES) {
    try {
      return libcOf(open(name));
    } catch {
      continue; // Another libc, or no permission: the caller falls back.
    }
  }
  return undefined;
}

function libcOf({ find, errno }: ForeignLibrary): Libc {
  /** At its first call: a process makes few of them, and to find them all is slow on Deno. */
  const symbols: Partial<Record<SymbolName, ForeignFunction>> = {};
  const attempt: Libc["attempt"] = (name, ...args) =>
    (symbols[name] ??= find(name))?.(...args) ?? -1;
  return {
    attempt,
    call(name, ...args) {
      const result = attempt(name, ...args);
      if (result !== -1) return result;
      throw systemError(errno(), name);
    },
  };
}

function systemError(errno: number, syscall: string): Error {
  let code = `errno ${errno}`;
  try {
    code = getSystemErrorName(-errno);
  } catch {
    // A number that the runtime has no name for.
  }
  return Object.assign(new Error(`${syscall} ${code}`), {
    code,
    errno,
    syscall,
  });
}
