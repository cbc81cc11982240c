/** corn in another version, beside this one. */
import {
  cpSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { VERSION } from "../../../src/base/version.ts";
import type { Lab } from "../promise.ts";

/** What a checkout of corn needs to run. */
const PARTS = [
  "mod.ts",
  "worker.ts",
  "src",
  "adapters",
  "package.json",
  "deno.json",
];

/** Copies corn into a folder, without what it imports. */
export function copyCorn(root: string, to: string): void {
  for (const name of PARTS) {
    cpSync(join(root, name), join(to, name), { recursive: true });
  }
}

/** Copies corn into the test's folder under a number of its own. */
export function nextVersion(
  { folder, forgive }: Lab,
  root: string,
): { module: string; number: string } {
  const number = "99.0.0";
  const to = join(folder, "next");
  mkdirSync(to);
  forgive(to);
  copyCorn(root, to);
  symlinkSync(join(root, "node_modules"), join(to, "node_modules"));
  const file = join(to, "src/base/version.ts");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(`"${VERSION}"`, `"${number}"`),
  );
  return { module: join(to, "mod.ts"), number };
}
