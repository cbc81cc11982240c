/** Control sockets in a folder, and what is left of those whose processes were killed. */
import { removeDeadSockets } from "../base/addresses/dead-sockets.ts";
import { namesIn } from "../base/attempt.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { announcedPath, isAnnouncement } from "./announcement.ts";

type FolderRuntime = Pick<Runtime, "answers" | "files" | "signals">;

/** A socket, or what tells of one that stands elsewhere: published, or about to be. */
const NAME = /^(\d+)\.(?:sock|path)(\.[\da-f]{16})?$/;

/** A control socket, and the process that it was named after. */
export interface SocketOf {
  readonly pid: number;
  readonly path: string;
}

/** The control sockets in a folder, and those that are announced there. */
export function socketsIn(
  folder: string,
  { files }: Pick<FolderRuntime, "files">,
): SocketOf[] {
  return namesIn(folder, files).flatMap((name) => {
    const [, pid, rest] = NAME.exec(name) ?? [];
    if (pid === undefined || rest !== undefined) return [];
    const path = socketOf(`${folder}/${name}`, { files });
    return path === undefined ? [] : [{ pid: Number(pid), path }];
  });
}

/** Removes sockets of processes that are gone. */
export function removeDead(
  folder: string,
  runtime: FolderRuntime,
): Promise<void> {
  return removeDeadSockets(folder, {
    pattern: NAME,
    socketOf: (file) => socketOf(file, runtime),
  }, runtime);
}

function socketOf(
  file: string,
  runtime: Pick<FolderRuntime, "files">,
): string | undefined {
  return isAnnouncement(file) ? announcedPath(file, runtime) : file;
}
