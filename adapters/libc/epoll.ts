/** What waits in this process's event loop, see epoll(7), and how a loop is made to leave it alone. */
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Libc } from "./libc.ts";
import { ownDescriptors } from "./proc.ts";
import { linkOf } from "../shared/machine/link.ts";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;

/** One registration of /proc/PID/fdinfo, see proc(5). */
export interface Registration {
  readonly epoll: number;
  readonly descriptor: number;
  readonly events: number;
  readonly data: bigint;
  readonly inode: bigint;
}

/** The first registration of this process that is the one meant. */
export function findRegistration(
  isMeant: (registration: Registration) => boolean,
): Registration | undefined {
  for (const name of ownDescriptors()) {
    if (linkOf(name) !== "anon_inode:[eventpoll]") continue;
    const info = readFileSync(`/proc/self/fdinfo/${name}`, "utf8");
    for (const line of info.split("\n")) {
      const match =
        /^tfd:\s*(\d+)\s+events:\s*([0-9a-f]+)\s+data:\s*([0-9a-f]+)\s+pos:\s*\d+\s+ino:\s*([0-9a-f]+)/
          .exec(line);
      if (match === null) continue;
      const registration = {
        epoll: Number(name),
        descriptor: Number(match[1]),
        events: parseInt(match[2] as string, 16),
        data: BigInt(`0x${match[3]}`),
        inode: BigInt(`0x${match[4]}`),
      };
      if (isMeant(registration)) return registration;
    }
  }
  return undefined;
}

/** Registers a descriptor as another one was. @throws the system's error */
export function register(
  libc: Libc,
  descriptor: number,
  as: Registration,
): void {
  libc.call("epoll_ctl", as.epoll, EPOLL_CTL_ADD, descriptor, epollEvent(as));
}

/** @throws the system's error */
export function unregister(
  libc: Libc,
  descriptor: number,
  as: Registration,
): void {
  libc.call("epoll_ctl", as.epoll, EPOLL_CTL_DEL, descriptor, epollEvent(as));
}

/** `struct epoll_event`: packed on x86-64, aligned elsewhere. */
function epollEvent({ events, data }: Registration): Uint8Array {
  const packed = process.arch === "x64";
  const view = new DataView(new ArrayBuffer(packed ? 12 : 16));
  view.setUint32(0, events, true);
  view.setBigUint64(packed ? 4 : 8, data, true);
  return new Uint8Array(view.buffer);
}
