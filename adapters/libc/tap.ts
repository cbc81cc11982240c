/**
 * Makes a listening socket of the runtime's rest, on Linux: `Bun.listen` and
 * `node:net` on Deno have no call for it (Bun 1.4.5, BUN-LISTENER-REST; Deno
 * 2.9.5, DENO-LISTENER-REST). The descriptor is taken out of the event loop's
 * epoll and replaced by a socket without a name, since both accept
 * until there is nothing left to accept without waiting again.
 */
import type { Libc } from "./libc.ts";
import { findRegistration, register, unregister } from "./epoll.ts";
import type { Registration } from "./epoll.ts";
import { socketInode } from "./proc.ts";
import { copyAbove, FIRST_FREE, setCloseOnExec } from "./descriptor.ts";
import { openSilent } from "./socket.ts";

/** A listening socket that can rest. */
export interface Tap {
  /** Accepts, or lets what comes wait in the queue. */
  accept(on: boolean): void;
  /** Turns it off, for good; the runtime may close its descriptor then. */
  close(): void;
}

/** A socket that is always empty, one for the process. */
let silent: number | undefined;

/** As a transport's listener wants it. */
export function restOf(
  tap: Tap | undefined,
): { accept(on: boolean): boolean; close(): void } | undefined {
  return tap && {
    accept(on) {
      tap.accept(on);
      return true;
    },
    close: () => tap.close(),
  };
}

/** Threads of a process listen at one socket, each by a descriptor and an event loop of its own; a runtime may have copied what it was given. */
function registrationOf(
  inode: bigint,
  descriptor: number,
): Registration | undefined {
  return findRegistration((one) =>
    one.inode === inode && one.descriptor === descriptor
  ) ?? findRegistration((one) => one.inode === inode);
}

/** Undefined where the socket is not found in an event loop. */
export function createTap(libc: Libc, descriptor: number): Tap | undefined {
  const inode = socketInode(descriptor);
  if (inode === undefined) return undefined;
  const found = registrationOf(BigInt(inode), descriptor);
  if (found === undefined) return undefined;
  const own = found.descriptor;
  const nobody = silent ??= openSilent(libc);
  const socket = copyAbove(libc, own, FIRST_FREE);
  let on = true;
  let closed = false;

  function accept(wanted: boolean): void {
    if (on === wanted || closed) return;
    on = wanted;
    if (!on) unregister(libc, own, found!);
    libc.call("dup2", on ? socket : nobody, own);
    setCloseOnExec(libc, own, true);
    if (on) register(libc, own, found!);
  }

  return {
    accept,
    close() {
      if (closed) return;
      accept(false);
      closed = true;
      libc.call("close", socket);
    },
  };
}
