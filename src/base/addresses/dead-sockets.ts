/** What is left of unix sockets whose processes were killed. */
import type { Runtime } from "../../runtime/runtime.ts";

/** Removes sockets in a folder whose processes are gone; `pidOf` tells a name's process. A process of another container is not seen here, and answers. */
export async function removeDeadSockets(
  folder: string,
  pidOf: (name: string) => number | undefined,
  { answers, files, signals }: Pick<Runtime, "answers" | "files" | "signals">,
): Promise<void> {
  for (const name of namesIn(folder, files)) {
    const pid = pidOf(name);
    if (pid === undefined || signals.exists(pid)) continue;
    const path = `${folder}/${name}`;
    if (await answers({ kind: "unix", path })) continue;
    try {
      files.remove(path);
    } catch {
      // Another user's: it is the owner's to remove.
    }
  }
}

/** What a folder holds; nothing where it is gone, or may not be looked into. */
export function namesIn(folder: string, files: Runtime["files"]): string[] {
  try {
    return files.list(folder);
  } catch {
    return [];
  }
}
