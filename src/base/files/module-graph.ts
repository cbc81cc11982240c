/** Which files an app is made of, as far as its relative imports tell. */
import { folderOf, nameIn, resolvePath } from "../path.ts";
import { attempt } from "../attempt.ts";
import type { Files } from "../../runtime/runtime.ts";

/** `from "./x"`, `import "./x"`, `import("./x")`, `require("./x")`. */
const RELATIVE =
  /(?:\bfrom|\bimport|\brequire)\s*(?:\(\s*)?(?:\/\*[^*]*\*\/\s*)?["'](\.{1,2}(?:\/[^"'\n]*)?)["']/g;

/** Endings that a runtime may add to an import, and what a folder is imported by. */
const ENDINGS = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "json"];
const ADDED = [
  "",
  ...ENDINGS.map((one) => `.${one}`),
  ...ENDINGS.map((one) => `/index.${one}`),
];

/** Where there are more files than this, what they import is not followed. */
export const MAX_FILES = 5000;

type Look = Pick<Files, "readText" | "kind" | "realPath">;

/**
 * The files that a module imports by relative paths, and those that these do,
 * itself among them; where one is a link, what that leads to as well. The text
 * is searched, not parsed, so that a file that is broken at the moment is
 * followed too; what is imported by name is not.
 */
export function findModules(entry: string, files: Look): Set<string> {
  const found = new Set([entry]);
  const folders = new Map<string, string>();
  /** A folder's own path: imports are looked for beside what a link leads to, but on Deno. */
  const ownFolder = (folder: string) => {
    const known = folders.get(folder) ??
      attempt(() => files.realPath(folder)) ?? folder;
    folders.set(folder, known);
    return known;
  };
  for (const path of found) {
    if (found.size >= MAX_FILES) break;
    const folder = folderOf(path);
    const own = ownFolder(folder);
    const target = attempt(() => files.realPath(path));
    // A path whose folders alone are links is looked at by its own name.
    const plain = resolvePath(own, nameIn(path));
    if (target !== undefined && target !== plain) found.add(target);
    const text = attempt(() => files.readText(path)) ?? "";
    for (const [, name = ""] of text.matchAll(RELATIVE)) {
      for (const one of locate(name, new Set([folder, own]), files)) {
        found.add(one);
      }
    }
  }
  return found;
}

/** The files that an import may mean, in the first folder that has one; the path as it stands where there is none yet. */
function locate(
  specifier: string,
  folders: ReadonlySet<string>,
  files: Pick<Files, "kind">,
): string[] {
  const names = namesOf(specifier);
  for (const folder of folders) {
    const there = names.flatMap((name) => {
      const path = resolvePath(folder, name);
      const found = [...ADDED.map((end) => path + end), ...sourcesOf(path)]
        .find((one) => attempt(() => files.kind(one)) === "file");
      return found ?? [];
    });
    if (there.length > 0) return there;
  }
  return [...folders].slice(0, 1).map((one) =>
    resolvePath(one, names[0] as string)
  );
}

/** What a specifier may stand for: a URL, where it is imported, or a name, where it is required. */
function namesOf(specifier: string): string[] {
  const [path = ""] = specifier.split(/[?#]/, 1);
  return [...new Set([decoded(path), path, specifier])];
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // It is no part of a URL.
  }
}

/** The TypeScript that an import means which is written as what is made of it. */
function sourcesOf(path: string): string[] {
  const [, name, kind] = /^(.*\.[cm]?)js(x?)$/.exec(path) ?? [];
  if (name === undefined) return [];
  return kind === "x" ? [`${name}tsx`] : [`${name}ts`, `${name}tsx`];
}
