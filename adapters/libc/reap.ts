/** waitpid(2) for processes that the runtime does not know, or has lost. */
import { constants } from "node:os";
import type { ChildExit } from "../../src/runtime/runtime.ts";
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

/** How a child ended that the runtime may have lost; undefined while it runs. */
export function collect(libc: Libc, pid: number): ChildExit | undefined {
  const bytes = new Uint8Array(4);
  const got = libc.attempt("waitpid", pid, bytes, WNOHANG);
  if (got === 0) return undefined;
  // Another call has waited for it: how it ended is lost.
  if (got !== pid) return {};
  const status = new DataView(bytes.buffer).getInt32(0, true);
  const signal = status & 0x7f;
  return signal === 0
    ? { code: (status >> 8) & 0xff }
    : { signal: signalName(signal) };
}

function signalName(number: number): string {
  const known = Object.entries(constants.signals);
  return known.find(([, one]) => one === number)?.[0] ?? `signal ${number}`;
}
