/** The connections that this process has accepted, from /proc on Linux. */
import type { Address } from "../../src/runtime.ts";
import {
  ownDescriptors,
  portSuffix,
  socketInode,
  tableRows,
  TCP_LISTEN,
  UNIX_LISTENS,
  unixNameOf,
} from "./proc.ts";

/** How many connections of the addresses this process has open; undefined where /proc does not tell. */
export function countConnections(
  addresses: readonly Address[],
): number | undefined {
  try {
    const own = ownSockets();
    let count = 0;
    for (const address of addresses) {
      count += address.kind === "tcp"
        ? countTcp(address.port, own)
        : countUnix(address.path, own);
    }
    return count;
  } catch {
    return undefined; // No /proc, or none that may be read.
  }
}

/** The inodes of the sockets that this process holds. */
function ownSockets(): Set<string> {
  const inodes = ownDescriptors().map(socketInode);
  return new Set(inodes.filter((inode) => inode !== undefined));
}

function countTcp(port: number, own: ReadonlySet<string>): number {
  const local = portSuffix(port);
  return [...tableRows("tcp"), ...tableRows("tcp6")].filter((fields) =>
    fields[1]?.endsWith(local) && fields[3] !== TCP_LISTEN &&
    own.has(fields[9] ?? "")
  ).length;
}

function countUnix(path: string, own: ReadonlySet<string>): number {
  return tableRows("unix").filter((fields) =>
    unixNameOf(fields) === path && fields[3] !== UNIX_LISTENS &&
    own.has(fields[6] ?? "")
  ).length;
}
