/** Who listens on a port, as far as /proc tells. */
import type { Files } from "../runtime.ts";

/** TCP_LISTEN in /proc/net/tcp, see proc(5). */
const LISTEN = "0A";

/** `nginx (pid 42)`, or undefined where it cannot be known: other users' processes, other systems. */
export function findHolder(port: number, files: Files): string | undefined {
  try {
    const inodes = listeningInodes(port, files);
    if (inodes.size === 0) return undefined;
    for (const pid of files.list("/proc")) {
      if (!/^\d+$/.test(pid) || !holdsOne(pid, { inodes, files })) continue;
      const command = files.readText(`/proc/${pid}/cmdline`)?.split("\0")
        .filter(Boolean).slice(0, 3).join(" ");
      return `${command || "a process"} (pid ${pid})`;
    }
  } catch {
    return undefined; // No /proc, or none that may be read.
  }
  return undefined;
}

function listeningInodes(port: number, files: Files): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = new Set<string>();
  for (const path of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of (files.readText(path) ?? "").split("\n")) {
      const fields = line.trim().split(/\s+/);
      if (
        fields[1]?.endsWith(suffix) && fields[3] === LISTEN &&
        fields[9] !== undefined
      ) inodes.add(fields[9]);
    }
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
    return /^socket:\[(\d+)\]$/.exec(files.readLink(path))?.[1];
  } catch {
    return undefined; // A descriptor that was closed since it was listed.
  }
}
