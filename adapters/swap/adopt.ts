/**
 * Makes a native server accept from an inherited listening socket, on Linux.
 *
 * `Bun.serve` and `Deno.serve` take no descriptor (Bun 1.4.5, BUN-NO-FD; Deno
 * 2.9.6, DENO-NO-FD). So the server is started on a throw-away address, and its
 * listening descriptor is replaced: the inherited socket is duplicated over it
 * (dup2(2)), and put into the event loop's epoll with the same events and data
 * (epoll_ctl(2)). Taking it out again is the "stop accepting" that both servers
 * lack. Every step is checked in /proc; where something is not as expected,
 * nothing is changed and the caller serves in another way.
 */
import type { Address } from "../../src/runtime/runtime.ts";
import { findListening } from "./connections.ts";
import { findRegistration, register, unregister } from "../libc/epoll.ts";
import type { Registration } from "../libc/epoll.ts";
import type { Libc } from "../libc/libc.ts";
import { guardRoom } from "../libc/room.ts";
import { socketInode } from "../libc/proc.ts";
import { setCloseOnExec, setNonBlocking } from "../libc/descriptor.ts";

/** A server that accepts from an inherited socket. */
export interface Adopted {
  /** Stops accepting; what waits in the queue stays there for others. */
  release(): void;
  /** Accepts again after a release. */
  resume(): void;
  /** Lets go of it; the server goes on as it is. */
  close(): void;
}

export interface AdoptOptions {
  readonly libc: Libc;
  /** The inherited socket. */
  readonly descriptor: number;
  readonly backlog: number;
  /** What the server listens on before the swap. */
  readonly throwaway: Address;
  /** True to rest while this process can have no more descriptors. */
  readonly guarded?: boolean;
}

/** @throws when the server's own socket cannot be found, or is not registered as expected. */
export function adopt(options: AdoptOptions): Adopted {
  const { libc, descriptor, backlog, throwaway } = options;
  const own = findListening(libc, throwaway);
  if (own === undefined) {
    throw new Error("the server's own socket is not found");
  }
  const before = registrationOf(own);
  if (before === undefined || before.inode !== inodeOf(own)) {
    throw new Error(`descriptor ${own} is in no epoll`);
  }
  const inherited = inodeOf(descriptor);
  setNonBlocking(libc, descriptor);
  setCloseOnExec(libc, descriptor, true);
  libc.call("listen", descriptor, backlog);
  libc.call("dup2", descriptor, own);
  setCloseOnExec(libc, own, true);
  // The throw-away socket's registration went with its last descriptor.
  register(libc, own, before);
  const after = registrationOf(own);
  if (after?.inode !== inherited || after.epoll !== before.epoll) {
    throw new Error(`descriptor ${own} did not get into the epoll`);
  }
  let accepts = true;
  const accept = (on: boolean) => {
    if (accepts === on) return;
    accepts = on;
    if (on) register(libc, own, before);
    else ignoring(() => unregister(libc, own, before));
  };
  const guarded = options.guarded &&
    guardRoom(libc, { descriptor: own, accept });
  const choose = guarded ? guarded.accept : accept;
  return {
    release: () => choose(false),
    resume: () => choose(true),
    close: () => guarded && guarded.close(),
  };
}

/** A server that has ended has closed its descriptor: EBADF, or ENOENT for what has its number now, see epoll_ctl(2). */
function ignoring(run: () => void): void {
  try {
    run();
  } catch {
    // It accepts nothing, as is wanted.
  }
}

function inodeOf(descriptor: number): bigint {
  const inode = socketInode(descriptor);
  if (inode === undefined) {
    throw new Error(`descriptor ${descriptor} is no socket`);
  }
  return BigInt(inode);
}

/** Which epoll a descriptor is in, and how. */
function registrationOf(descriptor: number): Registration | undefined {
  return findRegistration((one) => one.descriptor === descriptor);
}
