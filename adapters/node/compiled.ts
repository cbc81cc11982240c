/** What Node has compiled and keeps for the next process, see `module.flushCompileCache()`. */
import { promises } from "node:fs";
import * as nodeModule from "node:module";
import { basename, dirname, join } from "node:path";
import process from "node:process";

/** An app has fewer modules than files that are kept without a look at their age. */
const MANY = 4000;
const OLD_MS = 30 * 24 * 60 * 60 * 1000;

/** Writes what was compiled since the last time: a process that is killed writes nothing. */
export function saveCompiled(): void {
  const folder = nodeModule.getCompileCacheDir?.();
  if (folder === undefined) return;
  nodeModule.flushCompileCache?.();
  const base = dirname(folder);
  // As corn names it; what Node was told by a variable is another's.
  if (basename(base) === String(process.getuid?.())) void forgetOld(base);
}

/** Removes what is old, since each release of an app and each Node adds its own; what is still in use is compiled once more. */
async function forgetOld(base: string): Promise<void> {
  const { readdir, rm, stat } = promises;
  try {
    const files: string[] = [];
    for (const folder of await readdir(base)) {
      const names = await readdir(join(base, folder));
      files.push(...names.map((name) => join(base, folder, name)));
    }
    if (files.length < MANY) return;
    for (const file of files) {
      const { mtimeMs } = await stat(file);
      if (Date.now() - mtimeMs > OLD_MS) await rm(file, { force: true });
    }
  } catch {
    // Another worker does the same, or nothing here may be removed.
  }
}
