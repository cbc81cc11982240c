/** What /proc tells of this process's descriptors, see proc(5). */
import { readdirSync } from "node:fs";
import { linkOf } from "../shared/machine/link.ts";

/** The numbers of this process's descriptors, as text. */
export function ownDescriptors(): string[] {
  return readdirSync("/proc/self/fd");
}

/** The inode of the socket that a descriptor is, undefined where it is none. */
export function socketInode(descriptor: string | number): string | undefined {
  return /^socket:\[(\d+)\]$/.exec(linkOf(descriptor))?.[1];
}
