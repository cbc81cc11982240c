/** How corn is started on each runtime. */
import { join } from "node:path";
import process from "node:process";
import { bin, BUILT_VARIABLE, root } from "../../../scripts/tools.ts";
import type { RuntimeName } from "../../../src/runtime/runtime.ts";

/** The runtime that runs this test. */
export const runtimeName: RuntimeName = process.versions.bun !== undefined
  ? "bun"
  : process.versions.deno !== undefined
  ? "deno"
  : "node";

/** The Node that helpers run on, whatever is tested. */
export const helperNode: string = join(
  root,
  "node_modules",
  "node",
  "bin",
  "node",
);

/** A runtime's program: the one that runs this test, or the installed one. */
export function programOf(runtime: RuntimeName): string {
  if (runtime === runtimeName) return process.execPath;
  return runtime === "node" ? helperNode : bin(runtime);
}

/** What comes before a script on a runtime's command line; Deno's packages are those that npm installed. */
export function argumentsBefore(runtime: RuntimeName): string[] {
  return runtime === "deno" ? ["run", "-A", "--node-modules-dir=manual"] : [];
}

/** What stands in `dist/` once that is built, which starts in two thirds of the time. */
const BUILT: Readonly<Record<string, string>> = { "mod.ts": "dist/mod.js" };

/** The command line that starts a script, with flags of the runtime's own; a whole run starts what the package has. */
export function commandFor(
  runtime: RuntimeName,
  script: string,
  flags: readonly string[] = [],
): [string, ...string[]] {
  return [
    programOf(runtime),
    ...argumentsBefore(runtime),
    ...flags,
    join(root, process.env[BUILT_VARIABLE] && BUILT[script] || script),
  ];
}
