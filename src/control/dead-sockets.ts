/** Control sockets in a folder, and what is left of those whose processes were killed. */
import type { Runtime } from "../runtime/runtime.ts";

type FolderRuntime = Pick<Runtime, "answers" | "files" | "signals">;

/** One that was published, or one that was to be. */
const NAME = /^(\d+)\.sock(\.[\da-f]{16})?$/;

/** The processes that have sockets in a folder. */
export function pidsIn(
  folder: string,
  { files }: Pick<FolderRuntime, "files">,
): number[] {
  return namesIn(folder, files).flatMap(({ pid, published }) =>
    published ? [pid] : []
  );
}

/** Removes sockets of processes that are gone. A process of another container is not seen here, and answers. */
export async function removeDead(
  folder: string,
  { answers, files, signals }: FolderRuntime,
): Promise<void> {
  for (const { name, pid } of namesIn(folder, files)) {
    const path = `${folder}/${name}`;
    if (signals.exists(pid) || await answers({ kind: "unix", path })) continue;
    try {
      files.remove(path);
    } catch {
      // Another user's: it is the owner's to remove.
    }
  }
}

function namesIn(folder: string, files: Runtime["files"]) {
  try {
    return files.list(folder).flatMap((name) => {
      const [, pid, rest] = NAME.exec(name) ?? [];
      if (pid === undefined) return [];
      return [{ name, pid: Number(pid), published: rest === undefined }];
    });
  } catch {
    return []; // It is gone, or may not be looked into.
  }
}
