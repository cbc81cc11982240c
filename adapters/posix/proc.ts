/** What /proc tells of this process's sockets, see proc(5). */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The state TCP_LISTEN in the tables of TCP. */
export const TCP_LISTEN = "0A";
/** The flag of a listening socket in the table of unix sockets. */
export const UNIX_LISTENS = "00010000";

/** The fields of a unix socket's row before its name, which may hold spaces. */
const UNIX_FIELDS = 7;

/** The name in a row of the table of unix sockets; an abstract one begins with `@`. */
export function unixNameOf(fields: readonly string[]): string {
  return fields.slice(UNIX_FIELDS).join(" ");
}

/** The rows of a table in /proc/self/net, each as its fields. */
export function tableRows(table: "tcp" | "tcp6" | "unix"): string[][] {
  return readFileSync(`/proc/self/net/${table}`, "utf8").split("\n").map((
    line,
  ) => line.trim().split(/\s+/));
}

/** How the TCP tables end a local address on the port. */
export function portSuffix(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}

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
