/**
 * Makes a native server accept from an inherited listening socket, on Linux.
 *
 * `Bun.serve` and `Deno.serve` take no descriptor (Bun 1.4.5, Deno 2.9.6). So
 * the server is started on a throw-away address, and its listening descriptor
 * is replaced: the inherited socket is duplicated over it (dup2(2)), and put
 * into the event loop's epoll with the same events and data (epoll_ctl(2)).
 * Taking it out again is the "stop accepting" that both servers lack. Every
 * step is checked in /proc; where something is not as expected, nothing is
 * changed and the caller serves in another way.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Address } from "../../src/runtime.ts";
import { findListening } from "./connections.ts";
import type { Libc } from "./libc.ts";
import { linkOf, ownDescriptors, socketInode } from "./proc.ts";
import { setCloseOnExec, setNonBlocking } from "./socket.ts";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;

/** A server that accepts from an inherited socket. */
export interface Adopted {
  /** Stops accepting; what waits in the queue stays there for others. */
  release(): void;
  /** Accepts again after a release. */
  resume(): void;
}

/** One registration of /proc/PID/fdinfo, see proc(5). */
interface Registration {
  readonly epoll: number;
  readonly events: number;
  readonly data: bigint;
  readonly inode: bigint;
}

export interface AdoptOptions {
  readonly libc: Libc;
  /** The inherited socket. */
  readonly descriptor: number;
  readonly backlog: number;
  /** What the server listens on before the swap. */
  readonly throwaway: Address;
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
  const event = epollEvent(before);
  libc.call("epoll_ctl", before.epoll, EPOLL_CTL_ADD, own, event);
  const after = registrationOf(own);
  if (after?.inode !== inherited || after.epoll !== before.epoll) {
    throw new Error(`descriptor ${own} did not get into the epoll`);
  }
  let accepts = true;
  const turn = (on: boolean) => {
    if (accepts === on) return;
    accepts = on;
    const operation = on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL;
    libc.call("epoll_ctl", before.epoll, operation, own, event);
  };
  return { release: () => turn(false), resume: () => turn(true) };
}

/** `struct epoll_event`: packed on x86-64, aligned elsewhere. */
function epollEvent({ events, data }: Registration): Uint8Array {
  const packed = process.arch === "x64";
  const view = new DataView(new ArrayBuffer(packed ? 12 : 16));
  view.setUint32(0, events, true);
  view.setBigUint64(packed ? 4 : 8, data, true);
  return new Uint8Array(view.buffer);
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
  for (const name of ownDescriptors()) {
    if (linkOf(name) !== "anon_inode:[eventpoll]") continue;
    const info = readFileSync(`/proc/self/fdinfo/${name}`, "utf8");
    for (const line of info.split("\n")) {
      const match =
        /^tfd:\s*(\d+)\s+events:\s*([0-9a-f]+)\s+data:\s*([0-9a-f]+)\s+pos:\s*\d+\s+ino:\s*([0-9a-f]+)/
          .exec(line);
      if (match === null || Number(match[1]) !== descriptor) continue;
      return {
        epoll: Number(name),
        events: parseInt(match[2] as string, 16),
        data: BigInt(`0x${match[3]}`),
        inode: BigInt(`0x${match[4]}`),
      };
    }
  }
  return undefined;
}
