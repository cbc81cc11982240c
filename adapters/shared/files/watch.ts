/** Watching a folder, by `node:fs` on all three runtimes. */
import { statSync, watch as watchFolder } from "node:fs";
import type { Closeable } from "../../../src/runtime/runtime.ts";

/** Tells the names of entries of the folder that were written, made or removed. @throws where it cannot be watched */
export function watch(
  folder: string,
  onChange: (name: string) => void,
): Closeable {
  // Deno does not say that there is no such folder (2.9.5, DENO-WATCH-MISSING).
  statSync(folder);
  const watcher = watchFolder(folder, { persistent: false }, (_event, name) => {
    if (name !== null) onChange(name);
  });
  // The folder is gone: so are the files in it.
  watcher.on("error", () => watcher.close());
  return { close: () => watcher.close() };
}
