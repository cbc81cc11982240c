/**
 * How many descriptors are left for connections. Where there are none, libuv
 * accepts what waits and closes it at once (Node 24 and 26, NODE-FULL-TABLE):
 * before that, what waits is left in the queue.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { setTimeout } from "../shared/originals/originals.ts";

/** So many must be free. */
const ENOUGH = 8;
/** How soon room is looked for again. */
const LOOK_MS = 100;

/** Descriptors below this number leave enough; Infinity where the limit is not known. */
let most: number | undefined;

/** The soft limit, see proc_pid_limits(5). */
function readLimit(): number {
  try {
    const text = readFileSync("/proc/self/limits", "utf8");
    const [, soft] = /^Max open files\s+(\d+)/m.exec(text) ?? [];
    return Number(soft ?? Infinity);
  } catch {
    return Infinity; // No /proc, or none that may be read.
  }
}

/** The number that the next descriptor gets: the lowest that is free. */
function nextDescriptor(): number {
  try {
    const descriptor = openSync("/dev/null", "r");
    closeSync(descriptor);
    return descriptor;
  } catch {
    return Infinity;
  }
}

/** Calls `onChange` when a server's connections leave too few descriptors, and when there are enough again. */
export function watchRoom(
  server: Server,
  onChange: (full: boolean) => void,
): void {
  const top = most ??= readLimit() - ENOUGH;
  if (top === Infinity) return;
  let full = false;

  function look(): void {
    if (!server.listening) return;
    full = nextDescriptor() >= top;
    if (full) setTimeout(look, LOOK_MS).unref();
    else onChange(false);
  }

  server.on("connection", (socket: Socket) => {
    const { _handle: handle } = socket as { _handle?: { fd?: number } | null };
    if (full || (handle?.fd ?? 0) < top) return;
    full = true;
    onChange(true);
    setTimeout(look, LOOK_MS).unref();
  });
}
