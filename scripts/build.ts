/** Makes `dist/`, what the npm package runs: readable JavaScript and its types. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { bin, root, run } from "./tools.ts";

const dist = join(root, "dist");
if (!existsSync(bin("tsc"))) {
  console.error("Cannot build: TypeScript is not installed, run npm ci first");
  process.exit(1);
}
rmSync(dist, { recursive: true, force: true });
const { code, output } = await run(bin("tsc"), {
  args: ["--project", "tsconfig.build.json"],
  deadlineMs: 120_000,
});
if (output !== "") console.error(output.trimEnd());
if (code !== 0) process.exitCode = 1;
for (const name of ["mod.js", "worker.js"]) {
  if (code !== 0 || existsSync(join(dist, name))) continue;
  console.error(`Cannot build: tsc made no dist/${name}`);
  process.exitCode = 1;
}
