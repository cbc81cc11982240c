/** Packs the npm package as `npm publish` would, into a folder. */
import { globSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { BUILT_VARIABLE, root, run } from "./tools.ts";

/** Builds, unless that is done, and packs; gives the tarball's path. @throws when npm fails. */
export async function pack(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const { code, output } = await run("npm", {
    args: [
      "pack",
      ...process.env[BUILT_VARIABLE] === undefined ? [] : ["--ignore-scripts"],
      ...["--pack-destination", folder],
    ],
    deadlineMs: 120_000,
  });
  const tarball = globSync("*.tgz", { cwd: folder })[0];
  if (code !== 0 || tarball === undefined) {
    throw new Error(`Cannot pack: ${output.trim()}`);
  }
  return join(folder, tarball);
}

if (import.meta.main) console.log(await pack(process.argv[2] ?? root));
