/** waitpid(2) for processes that the runtime does not know. */
import type { Libc } from "./libc.ts";

const WNOHANG = 1;

/** Gives what reaps a process that is none of `own`. */
export function reaper(
  libc: Libc,
  own: ReadonlySet<number>,
): (pid: number) => boolean {
  return (pid) => {
    // The runtime waits for its own children itself, and must be left to.
    if (own.has(pid)) return false;
    try {
      return libc.call("waitpid", pid, new Uint8Array(4), WNOHANG) === pid;
    } catch {
      return false; // ECHILD: it was waited for meanwhile.
    }
  };
}
