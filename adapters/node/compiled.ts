/** What Node has compiled and keeps for the next process, see `module.flushCompileCache()`. */
import { promises } from "node:fs";
import * as nodeModule from "node:module";
import { basename, dirname, join } from "node:path";
import process from "node:process";

const DAY_MS = 24 * 60 * 60 * 1000;
/** What is older is removed. */
const OLD_MS = 30 * DAY_MS;

/** Writes what was compiled since the last time: a process that is killed writes nothing. */
export function saveCompiled(): void {
  const folder = nodeModule.getCompileCacheDir?.();
  if (folder === undefined) return;
  nodeModule.flushCompileCache?.();
  const base = dirname(folder);
  // As corn names it; what Node was told by a variable is another's.
  if (basename(base) === String(process.getuid?.())) void forgetOld(base);
}

/**
 * Removes what is old, once a day: each release of an app and each Node adds
 * its own. What is still in use is compiled once more.
 */
export async function forgetOld(
  base: string,
  now: number = Date.now(),
): Promise<void> {
  const { readdir, rm, stat, utimes } = promises;
  const ageOf = async (path: string) => now - (await stat(path)).mtimeMs;
  try {
    if (await ageOf(base) < DAY_MS) return;
    // Says to the other workers that it is done.
    await utimes(base, now / 1000, now / 1000);
    for (const folder of await readdir(base)) {
      for (const name of await readdir(join(base, folder))) {
        const path = join(base, folder, name);
        if (await ageOf(path) > OLD_MS) await rm(path, { force: true });
      }
    }
  } catch {
    // Nothing here may be removed.
  }
}
