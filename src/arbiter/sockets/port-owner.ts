/** The process that listens on a port, as far as /proc tells. */
import { maskSecrets } from "../../base/secrets.ts";
import type { Files } from "../../runtime/runtime.ts";
import { inodeOf, listeningTcp } from "./socket-table.ts";

/** `nginx (pid 42)`, or undefined where it cannot be known: other users' processes, other systems. */
export function findPortOwner(port: number, files: Files): string | undefined {
  try {
    const inodes = listeningInodes(port, files);
    if (inodes.size === 0) return undefined;
    for (const pid of files.list("/proc")) {
      if (!/^\d+$/.test(pid) || !holdsOne(pid, { inodes, files })) continue;
      return describeProcess(Number(pid), files);
    }
  } catch {
    return undefined; // No /proc, or none that may be read.
  }
  return undefined;
}

/** `nginx (pid 42)` @throws where /proc may not be read */
export function describeProcess(pid: number, files: Files): string {
  const command = files.readText(`/proc/${pid}/cmdline`)?.split("\0")
    .filter(Boolean).slice(0, 3).join(" ");
  return `${maskSecrets(command ?? "") || "a process"} (pid ${pid})`;
}

function listeningInodes(port: number, files: Files): Set<string> {
  const inodes = new Set<string>();
  for (const one of listeningTcp(files)) {
    if (parseInt(one.port, 16) === port) inodes.add(one.inode);
  }
  return inodes;
}

function holdsOne(
  pid: string,
  { inodes, files }: { inodes: ReadonlySet<string>; files: Files },
): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return files.list(folder).some((name) => {
      const inode = socketInode(`${folder}/${name}`, files);
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    return false; // Another user's process, or one that has just ended.
  }
}

function socketInode(path: string, files: Files): string | undefined {
  try {
    return inodeOf(files.readLink(path));
  } catch {
    return undefined; // A descriptor that was closed since it was listed.
  }
}
