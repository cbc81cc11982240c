/** The process that listens somewhere, as far as /proc tells. */
import { maskSecrets } from "../../base/secrets.ts";
import { shorten } from "../../base/shorten.ts";
import type { Files } from "../../runtime/runtime.ts";
import { boundUnix, inodeOf, listeningTcp } from "./socket-table.ts";

/** The most characters of a command line. */
const MOST_COMMAND = 100;

/** `nginx (pid 42)`, or undefined where it cannot be known: other users' processes, other systems. */
export function findPortOwner(port: number, files: Files): string | undefined {
  return ownerOf(
    files,
    () =>
      [...listeningTcp(files)].filter((one) => parseInt(one.port, 16) === port),
  );
}

/** The same of a unix socket's name. */
export function findUnixOwner(path: string, files: Files): string | undefined {
  return ownerOf(
    files,
    () => [...boundUnix(files)].filter((one) => isNamed(one.path, path)),
  );
}

/** True where the kernel knows a socket by this name, or by the one that it had before it was published under this. */
function isNamed(known: string, path: string): boolean {
  return known === path || (known.startsWith(`${path}.`) &&
    /^[\da-f]{16}$/.test(known.slice(path.length + 1)));
}

function ownerOf(
  files: Files,
  find: () => readonly { readonly inode: string }[],
): string | undefined {
  try {
    const inodes = new Set(find().map(({ inode }) => inode));
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
  // An argument may be a script of many lines.
  const line = maskSecrets(command ?? "").replace(/[\s\p{Cc}]+/gu, " ").trim();
  return `${shorten(line, MOST_COMMAND) || "a process"} (pid ${pid})`;
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
