/** Looks at the file system that may be refused. */
import type { Files } from "../runtime/runtime.ts";

/** What a look gives; undefined where it throws: what is there may be closed to this user, a loop of links, another kind of file, or gone by now. */
export function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** What a folder holds; nothing where it is gone, or may not be looked into. */
export function namesIn(folder: string, files: Pick<Files, "list">): string[] {
  return attempt(() => files.list(folder)) ?? [];
}
