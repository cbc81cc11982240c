/** Whether `dist/` is what the sources of now make. */
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./tools.ts";

/** What `dist/` is made from and by, and all that is in it. */
const PARTS =
  "{*.ts,tsconfig*.json,package*.json,{src,adapters}/**/*.ts,scripts/*.ts,dist/**/*.*}";

const stampIn = (folder: string) =>
  join(folder, "node_modules", ".cache", "built");

/** Notes that it has just been made. */
export function noteBuilt(folder: string = root): void {
  const stamp = stampIn(folder);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest(folder));
}

/** True where nothing has changed since. */
export function isBuilt(folder: string = root): boolean {
  try {
    return readFileSync(stampIn(folder), "utf8") === digest(folder);
  } catch {
    return false; // It has never been noted, or a file has just gone.
  }
}

function digest(folder: string): string {
  const hash = createHash("sha256");
  for (const path of globSync(PARTS, { cwd: folder }).sort()) {
    hash.update(`${path}\0`).update(readFileSync(join(folder, path)));
  }
  return hash.digest("hex");
}
