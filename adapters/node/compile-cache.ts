/** Node's cache of compiled code, see `module.enableCompileCache()`. */
import * as nodeModule from "node:module";
import process from "node:process";
import {
  compileCacheFolder,
  givenCompileCache,
} from "../../src/base/files/compile-cache.ts";
import { makePrivate } from "../shared/files/private-folder.ts";

/** What leaves a group as it is, see chown(2). */
const SAME = -1;

/** Has what this process loads from now on kept, where the command line and the environment do not say otherwise. */
export function startCompileCache(): void {
  const { argv, env } = process;
  const uid = process.getuid?.() ?? 0;
  const setting = givenCompileCache(argv.slice(2), env);
  const folder = compileCacheFolder({ setting, env, uid });
  if (folder === undefined) return;
  try {
    makePrivate(folder, { uid, gid: SAME });
  } catch {
    return; // It goes without; the workers' generation says why.
  }
  nodeModule.enableCompileCache?.(folder);
}
