// Makes dist/ where npm packs corn, or installs it from git, which needs what builds it. Runs on any Node that npm runs on.
// deno-lint-ignore-file no-process-global
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const node = path("node_modules/node/bin/node");

const installed = existsSync(path("node_modules/typescript"));
const { npm_command: command, npm_lifecycle_event: event } = process.env;
// prepack has built it then, and who runs corn from a clone needs no dist.
const wanted = event === "prepack" ||
  (installed && command !== "pack" && command !== "publish");

if (wanted && !installed) {
  console.error("Cannot build: TypeScript is not installed, run npm ci first");
  process.exitCode = 1;
} else if (wanted) {
  const { status } = spawnSync(
    existsSync(node) ? node : process.execPath,
    // From git npm asks for it more than once, one after the other.
    [path("scripts/build.ts"), "--once"],
    { stdio: "inherit" },
  );
  process.exitCode = status ?? 1;
}
