/** Which files an app is made of, as far as its relative imports tell. */
import { resolvePath } from "../path.ts";
import type { Files } from "../../runtime/runtime.ts";

/** `from "./x"`, `import "./x"`, `import("./x")`, `require("./x")`. */
const RELATIVE =
  /(?:\bfrom|\bimport|\brequire)\s*(?:\(\s*)?["'](\.{1,2}\/[^"'?#]+)["'?#]/g;

/** Endings that a runtime may add to an import. */
const ENDINGS = ["", ".ts", ".tsx", ".js", ".jsx", ".mjs", "/index.ts"];

/** More files than this are a sign that the wrong thing is followed. */
const MAX_FILES = 5000;

/**
 * The files that a module imports by relative paths, and those that these do,
 * itself among them. The text is searched, not parsed, so that a file that is
 * broken at the moment is followed too; what is imported by name is not.
 */
export function findModules(
  entry: string,
  files: Pick<Files, "readText" | "kind">,
): Set<string> {
  const found = new Set([entry]);
  for (const path of found) {
    if (found.size >= MAX_FILES) break;
    const folder = path.slice(0, path.lastIndexOf("/"));
    for (const [, name = ""] of readOr(path, files).matchAll(RELATIVE)) {
      found.add(locate(resolvePath(folder, name), files));
    }
  }
  return found;
}

function readOr(path: string, files: Pick<Files, "readText">): string {
  try {
    return files.readText(path) ?? "";
  } catch {
    return ""; // It may be closed to this user, or a folder by now.
  }
}

/** The file that an import means; the path as it stands where there is none yet. */
function locate(path: string, files: Pick<Files, "kind">): string {
  const ending = ENDINGS.find((one) => files.kind(path + one) === "file");
  return path + (ending ?? "");
}
