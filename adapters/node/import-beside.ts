/** A package as another module would import it. */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { pathToFileURL } from "node:url";
import { importModule } from "../shared/machine/machine.ts";

/** What `exports` of a package may be, as far as it is for imports. */
type Target =
  | string
  | { readonly [condition: string]: Target }
  | undefined;

/** The file that an import gets. */
function fileOf(target: Target): string | undefined {
  if (target === undefined || typeof target === "string") return target;
  return fileOf(
    target["."] ?? target.import ?? target.node ?? target.default,
  );
}

/** See `Runtime.importBeside`. */
export async function importBeside(
  name: string,
  url: string,
): Promise<Record<string, unknown> | undefined> {
  const path = findPackageJSON(name, url);
  if (path === undefined) return undefined;
  const { exports, main } = JSON.parse(readFileSync(path, "utf8"));
  const file = fileOf(exports) ?? main;
  if (file === undefined) return undefined;
  return await importModule(new URL(file, pathToFileURL(path)).href);
}
