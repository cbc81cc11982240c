// Makes dist/ where npm installs corn from git, which needs what builds it. Runs on any Node that npm runs on.
// deno-lint-ignore-file no-process-global
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const node = path("node_modules/node/bin/node");

// prepack has built it then, and who runs corn from a clone needs no dist.
const packs = ["pack", "publish"].includes(process.env.npm_command);
if (!packs && existsSync(path("node_modules/typescript"))) {
  const { status } = spawnSync(
    existsSync(node) ? node : process.execPath,
    [path("scripts/build.ts")],
    { stdio: "inherit" },
  );
  process.exitCode = status ?? 1;
}
