/**
 * Lets listening sockets rest while this process can have no more descriptors:
 * an event loop that cannot accept is woken without end by what waits, 60 to 95
 * % of a core (Bun 1.4.5, BUN-FULL-TABLE). What waits stays in the queue, for
 * others.
 */
import { lacksRoom } from "../shared/files/lacks-room.ts";
import type { Libc } from "./libc.ts";
import { copyAbove } from "./descriptor.ts";
import { createTap } from "./tap.ts";
import { setTimeout } from "../shared/originals/originals.ts";

/** How often a process that has room looks, and one that has none. */
const IDLE_MS = 1000;
const FULL_MS = 100;
/** Looks after accepting again, since a queue may fill the table at once. */
const AFTER_MS = [5, 20, 50, 100, 200];
/** So many must be free to accept again. */
const ENOUGH = 8;

/** What accepts while both its user and the room for descriptors allow it. */
export interface Guarded {
  accept(on: boolean): void;
  close(): void;
}

/** True where so many descriptors can be had. */
function hasRoom(libc: Libc, descriptor: number, count: number): boolean {
  const copies: number[] = [];
  try {
    while (copies.length < count) copies.push(copyAbove(libc, descriptor, 0));
    return true;
  } catch (error) {
    // Of a descriptor that is closed nothing can be told.
    return !lacksRoom(error);
  } finally {
    for (const copy of copies) libc.attempt("close", copy);
  }
}

/** How many descriptors it takes to listen, to find the socket and to let it rest. */
const TO_LISTEN = 4;

/** @throws an error with the code EMFILE where a socket could be listened on and then not guarded */
export function demandRoom(libc: Libc, descriptor: number): void {
  if (hasRoom(libc, descriptor, TO_LISTEN)) return;
  const error = new Error("EMFILE: too many open files");
  throw Object.assign(error, { code: "EMFILE" });
}

interface Entry {
  readonly descriptor: number;
  readonly accept: (on: boolean) => unknown;
  wanted: boolean;
}

const entries = new Set<Entry>();
let timer: ReturnType<typeof setTimeout> | undefined;
let full = false;
/** Looks since there was room again. */
let looks: number = AFTER_MS.length;

function look(libc: Libc): void {
  timer = undefined;
  const [first] = entries;
  if (first === undefined) return;
  const room = hasRoom(libc, first.descriptor, full ? ENOUGH : 1);
  const changed = room === full;
  full = !room;
  if (changed && room) looks = 0;
  // Before anything that may fail.
  wait(libc, full ? FULL_MS : AFTER_MS[looks++] ?? IDLE_MS);
  if (!changed) return;
  for (const { wanted, accept } of entries) if (wanted) accept(room);
}

function wait(libc: Libc, ms: number): void {
  timer ??= setTimeout(look, ms, libc);
  timer.unref?.();
}

/** Guards what accepts from a descriptor, which is on. */
export function guardRoom(
  libc: Libc,
  { descriptor, accept }: Pick<Entry, "descriptor" | "accept">,
): Guarded {
  const entry: Entry = { descriptor, accept, wanted: true };
  entries.add(entry);
  wait(libc, IDLE_MS);
  return {
    accept(on) {
      entry.wanted = on;
      if (!full || !on) accept(on);
    },
    close: () => void entries.delete(entry),
  };
}

/** Guards a listening socket of the runtime's that has no call to rest; undefined where it is not found. */
export function guardTap(
  libc: Libc,
  descriptor: number,
): Guarded | undefined {
  const tap = createTap(libc, descriptor);
  if (tap === undefined) return undefined;
  const guarded = guardRoom(libc, { descriptor, accept: tap.accept });
  return {
    accept: guarded.accept,
    close() {
      guarded.close();
      tap.close();
    },
  };
}
