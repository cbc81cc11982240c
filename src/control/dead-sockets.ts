/** Control sockets in a folder, and what is left of those whose processes were killed. */
import { namesIn, removeDeadSockets } from "../base/addresses/dead-sockets.ts";
import type { Runtime } from "../runtime/runtime.ts";

type FolderRuntime = Pick<Runtime, "answers" | "files" | "signals">;

/** One that was published, or one that was to be. */
const NAME = /^(\d+)\.sock(\.[\da-f]{16})?$/;

/** The processes that have sockets in a folder. */
export function pidsIn(
  folder: string,
  { files }: Pick<FolderRuntime, "files">,
): number[] {
  return namesIn(folder, files).flatMap((name) => {
    const [, pid, rest] = NAME.exec(name) ?? [];
    return pid === undefined || rest !== undefined ? [] : [Number(pid)];
  });
}

/** Removes sockets of processes that are gone. */
export function removeDead(
  folder: string,
  runtime: FolderRuntime,
): Promise<void> {
  return removeDeadSockets(folder, (name) => {
    const [, pid] = NAME.exec(name) ?? [];
    return pid === undefined ? undefined : Number(pid);
  }, runtime);
}
