/** Core dumps, turned off by setrlimit(2). */
import {
  forbidCoreDumps as byProgram,
  NO_CORE,
} from "../shared/processes/core-dumps.ts";
import type { Libc } from "./libc.ts";

/** The same number on Linux and macOS. */
const RLIMIT_CORE = 4;

/** See `Runtime.forbidCoreDumps`. */
export function forbidCoreDumps(libc: Libc | undefined): boolean {
  if (libc === undefined) return byProgram();
  // struct rlimit: the soft limit, which is lowered, and the hard one.
  const limits = new Uint8Array(16);
  if (libc.attempt("getrlimit", RLIMIT_CORE, limits) !== 0) return false;
  new DataView(limits.buffer).setBigUint64(0, BigInt(NO_CORE), true);
  return libc.attempt("setrlimit", RLIMIT_CORE, limits) === 0;
}
