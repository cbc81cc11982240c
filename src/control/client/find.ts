/** Which corns run, by their control sockets. */
import type { Runtime } from "../../runtime/runtime.ts";
import { defaultFolder, socketIn, temporaryFolder } from "../place.ts";

export type FindRuntime = Pick<
  Runtime,
  "answers" | "files" | "self" | "signals"
>;

const OPEN_TO_OTHERS = 0o022;

/** A running corn. */
export interface Found {
  readonly pid: number;
  readonly path: string;
}

/** All corns of this user whose sockets are where they are by default; what is left of others is removed. */
export async function findAll(runtime: FindRuntime): Promise<Found[]> {
  const found: Found[] = [];
  for (const folder of folders(runtime)) {
    for (const pid of pidsIn(folder, runtime)) {
      const path = socketIn(folder, pid);
      if (await runtime.answers({ kind: "unix", path })) {
        found.push({ pid, path });
      } else if (!runtime.signals.exists(pid)) removeStale(path, runtime);
    }
  }
  return found.sort((one, other) => one.pid - other.pid);
}

/** Where a corn's socket is by its pid; undefined where it has none at the usual places. */
export function findByPid(
  pid: number,
  runtime: FindRuntime,
): Found | undefined {
  for (const folder of folders(runtime)) {
    if (pidsIn(folder, runtime).includes(pid)) {
      return { pid, path: socketIn(folder, pid) };
    }
  }
}

/** Folders that no other user can have put a socket into. */
function folders({ files, self }: FindRuntime): string[] {
  const { uid } = self;
  const env = self.env();
  const usual = [
    defaultFolder(self, env),
    defaultFolder(self, { ...env, RUNTIME_DIRECTORY: "" }),
    `/run/user/${uid}/corn`,
    temporaryFolder(uid),
    "/run/corn",
  ];
  return [...new Set(usual)].filter((folder) => {
    try {
      const owner = files.ownerOf(folder);
      return owner !== undefined && (owner.mode & OPEN_TO_OTHERS) === 0 &&
        (owner.uid === uid || owner.uid === 0);
    } catch {
      return false; // It may not be looked into.
    }
  });
}

function pidsIn(folder: string, { files }: FindRuntime): number[] {
  try {
    return files.list(folder).flatMap((name) => {
      const pid = /^(\d+)\.sock$/.exec(name)?.[1];
      return pid === undefined ? [] : [Number(pid)];
    });
  } catch {
    return []; // It is gone, or may not be looked into.
  }
}

function removeStale(path: string, { files }: FindRuntime): void {
  try {
    files.remove(path);
  } catch {
    // Another user's: it is the owner's to remove.
  }
}
