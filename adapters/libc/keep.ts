/** Keeps what a process has open from what it starts. */
import process from "node:process";
import { takeForeign } from "../shared/processes/parent.ts";
import { setCloseOnExec } from "./descriptor.ts";
import type { Libc } from "./libc.ts";

/** Behind standard input, output and error. */
const FIRST = 3;

/** close_range(2), by its number: the same on all of Linux' processors, and older C libraries do not know it. */
const SYS_CLOSE_RANGE = 436;
const CLOSE_RANGE_CLOEXEC = 4;
const LAST = 0x7fff_ffff;

/** So many are looked at one by one where the kernel does not do it, before Linux 5.11 and on macOS. */
const LOOKED_AT = 1024;

/** See `Runtime.keepDescriptors`. */
export function keepDescriptors(libc: Libc | undefined): void {
  const foreign = takeForeign();
  if (libc === undefined) return;
  for (const one of foreign) libc.attempt("close", one);
  if (
    process.platform === "linux" &&
    libc.attempt(
        "syscall",
        SYS_CLOSE_RANGE,
        FIRST,
        LAST,
        CLOSE_RANGE_CLOEXEC,
      ) === 0
  ) return;
  for (let one = FIRST; one < LOOKED_AT; one++) {
    try {
      setCloseOnExec(libc, one, true);
    } catch {
      continue; // It is not open.
    }
  }
}
