/** The name that stands for a port, see `portName`, and which processes may keep corn from it. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { portName } from "./unix-name.ts";

/** An error that says which process is in the way. */
export interface HeldError extends Error {
  holder?: number;
}

/**
 * Takes the name of a port. Any user may take such a name, and only processes
 * of one user can share a port, see socket(7): where the name is another user's
 * it says nothing of the port, and corn goes without.
 *
 * @throws the system's error, with the pid of the holder, where a process of this user has it
 */
export function claimPort<T>(
  host: string,
  port: number,
  bind: (name: string) => T,
): T | undefined {
  const name = portName(host, port);
  if (name === undefined) return undefined;
  try {
    return bind(name);
  } catch (error) {
    if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
    let holder: number | undefined;
    try {
      holder = holderOf(name.replace("\0", "@"));
    } catch {
      throw error; // No /proc, or none that may be read.
    }
    if (holder === undefined) return undefined;
    throw Object.assign(error as HeldError, { holder });
  }
}

/** The process of this user that has a unix socket of that name. @throws where /proc may not be read */
function holderOf(name: string): number | undefined {
  const rows = readFileSync("/proc/net/unix", "utf8").split("\n");
  const row = rows.find((one) => one.endsWith(` ${name}`));
  const inode = row?.trim().split(/\s+/)[6];
  if (inode === undefined) return undefined;
  const pids = readdirSync("/proc").filter((one) => /^\d+$/.test(one));
  const pid = pids.find((one) => isOwn(one) && holds(one, inode));
  return pid === undefined ? undefined : Number(pid);
}

function isOwn(pid: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    // Real, effective, saved and file system's; sockets go by the effective one.
    const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
    return Number(uid) === process.geteuid?.();
  } catch {
    return false; // It has just ended.
  }
}

function holds(pid: string, inode: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((name) => {
      try {
        return readlinkSync(`${folder}/${name}`) === `socket:[${inode}]`;
      } catch {
        return false; // A descriptor that was closed since it was listed.
      }
    });
  } catch {
    return false; // A process that hides what it has, or has just ended.
  }
}
