/** The npm package, as a user has it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../scripts/tools.ts";

/** How the package is started. */
export interface Package {
  /** What `cornCommand` is given. */
  readonly module: string;
  /** Where Node keeps what it has compiled: the first start of each side fills it. */
  readonly env: Readonly<Record<string, string>>;
}

/** Builds `dist/`. What it compiles is kept as long as this process lives. */
export function builtPackage(): Package {
  const folder = mkdtempSync(join(tmpdir(), "corn-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const build = join(root, "scripts", "build.ts");
  execFileSync(process.execPath, [build], { stdio: "inherit" });
  return {
    module: join(root, "bin", "corn.js"),
    env: { CORN_COMPILE_CACHE: folder },
  };
}
