/** What /proc tells of this process's descriptors, see proc(5). */
import { readdirSync, readlinkSync } from "node:fs";

/** The numbers of this process's descriptors, as text. */
export function ownDescriptors(): string[] {
  return readdirSync("/proc/self/fd");
}

/** What a descriptor is; "" where it is gone by now, as that of the listing itself. */
export function linkOf(descriptor: string | number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}

/** The inode of the socket that a descriptor is, undefined where it is none. */
export function socketInode(descriptor: string | number): string | undefined {
  return /^socket:\[(\d+)\]$/.exec(linkOf(descriptor))?.[1];
}
