/** Which corns run, by their control sockets. */
import type { Runtime } from "../../runtime/runtime.ts";
import { removeDead, socketsIn } from "../dead-sockets.ts";
import { defaultFolder, temporaryFolder } from "../place.ts";

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

/** All corns of this user whose sockets are where they are by default, or announced there; what is left of others is removed. */
export async function findAll(runtime: FindRuntime): Promise<Found[]> {
  // Two announcements may have the same path: a killed arbiter leaves its own behind.
  const found = new Map<string, Found>();
  for (const folder of folders(runtime)) {
    await removeDead(folder, runtime);
    for (const one of socketsIn(folder, runtime)) {
      if (await runtime.answers({ kind: "unix", path: one.path })) {
        found.set(one.path, one);
      }
    }
  }
  return [...found.values()].sort((one, other) => one.pid - other.pid);
}

/** Where a corn's socket is by its pid; undefined where it has none at the usual places. */
export function findByPid(
  pid: number,
  runtime: FindRuntime,
): Found | undefined {
  return [...folders(runtime), ...foldersOf(pid, runtime)]
    .flatMap((folder) => socketsIn(folder, runtime))
    .find((one) => one.pid === pid);
}

/** Folders where this user's are. */
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
  return [...new Set(usual)].filter((folder) => isOf(folder, uid, files));
}

/** Where a process has its own, by the environment that it was started with: a service's folder has the service's name. */
function foldersOf(pid: number, { files, self }: FindRuntime): string[] {
  try {
    const uid = files.ownerOf(`/proc/${pid}`)?.uid;
    const text = files.readText(`/proc/${pid}/environ`) ?? "";
    // What another user's process says of itself is for root alone to follow.
    if (uid === undefined || (uid !== self.uid && self.uid !== 0)) return [];
    const env = Object.fromEntries(
      text.split("\0").map((pair) => pair.split(/=(.*)/s, 2)),
    );
    const folder = defaultFolder({ uid }, env);
    return isOf(folder, uid, files) ? [folder] : [];
  } catch {
    return []; // It may not be looked at, or has just ended.
  }
}

/** True where no other user but root can have put a socket into a folder. */
function isOf(
  folder: string,
  uid: number,
  files: FindRuntime["files"],
): boolean {
  try {
    const owner = files.ownerOf(folder);
    return owner !== undefined && (owner.mode & OPEN_TO_OTHERS) === 0 &&
      (owner.uid === uid || owner.uid === 0);
  } catch {
    return false; // It may not be looked into.
  }
}
