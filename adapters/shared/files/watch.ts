/** Watching a folder, by `node:fs` on all three runtimes. */
import { statSync, watch as watchFolder } from "node:fs";
import { basename } from "node:path";
import type { FolderWatch } from "../../../src/runtime/runtime.ts";

/** Tells the names of entries of the folder that were written, made or removed. @throws where it cannot be watched */
export function watch(
  folder: string,
  onChange: (name: string) => void,
): FolderWatch {
  // Deno does not say that there is no such folder (2.9.5, DENO-WATCH-MISSING).
  const { dev, ino, birthtimeMs } = statSync(folder);
  let gone = false;
  let failed = false;
  const watcher = watchFolder(folder, { persistent: false }, (event, name) => {
    if (name === null) return;
    // Its own end is told so, too: the folder that follows may have its number.
    if (event === "rename" && name === basename(folder)) gone = true;
    onChange(name);
  });
  watcher.on("error", () => {
    failed = true;
    watcher.close();
  });
  return {
    isCurrent() {
      if (gone || failed) return false;
      const now = statSync(folder, { throwIfNoEntry: false });
      return now?.ino === ino && now.dev === dev &&
        now.birthtimeMs === birthtimeMs;
    },
    get failed() {
      return failed;
    },
    close: () => watcher.close(),
  };
}
