/** Patterns for files: `*` and `?` within a name, `**` across folders. Why not those of `node:path`: decisions/011. */

import { readWildcard } from "../wildcard.ts";

/** A pattern, ready to be asked. */
export interface Glob {
  /** The folder above the first wildcard. */
  readonly base: string;
  /** True where files in folders below `base` may match. */
  readonly deep: boolean;
  matches(path: string): boolean;
}

/** Reads an absolute path that may hold wildcards. */
export function parseGlob(pattern: string): Glob {
  const parts = pattern.split("/").slice(1);
  const wild = parts.findIndex((part) => /[*?]/.test(part));
  const fixed = parts.slice(0, wild);
  const last = parts.length - 1;
  return {
    base: `/${fixed.join("/")}`,
    deep: wild !== -1 && (wild < last || parts[wild] === "**"),
    matches: matcher(parts),
  };
}

/** Any number of folders, none too. */
const FOLDERS = "**";

function matcher(parts: readonly string[]): Glob["matches"] {
  // At the end it stands for a file in any of them.
  const all = parts.at(-1) === FOLDERS ? [...parts, "*"] : parts;
  const steps = all.map((part) =>
    part === FOLDERS ? undefined : readWildcard(part)
  );
  return (path) => {
    const names = path.split("/").slice(1);
    let step = 0;
    let name = 0;
    // The last `**`, and the first name that it does not stand for.
    let folders = -1;
    let next = 0;
    while (name < names.length) {
      if (step < steps.length && steps[step] === undefined) {
        folders = step++;
        next = name;
      } else if (steps[step]?.(names[name] as string)) {
        step++;
        name++;
      } else if (folders !== -1) {
        step = folders + 1;
        name = ++next;
      } else return false;
    }
    while (step < steps.length && steps[step] === undefined) step++;
    return step === steps.length;
  };
}
