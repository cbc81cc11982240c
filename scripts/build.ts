/**
 * Makes `dist/`, what the npm package runs: the modules bundled and split into
 * what is loaded together, readable and with source maps, and their types.
 *
 *     node scripts/build.ts [--once]
 *
 * With `--once` it does nothing where `dist/` is what would be made.
 */
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { isBuilt, noteBuilt } from "./built.ts";
import { nameChunks, rename } from "./chunks.ts";
import { findImports } from "./source.ts";
import { bin, root, run } from "./tools.ts";

const dist = join(root, "dist");

/** What is started or imported by its name. */
const ENTRIES = ["mod", "worker", "thread", "tasks", "shared"];

/** The declarations alone; only those that the libraries' lead to. @throws when tsc finds a fault */
async function declare(): Promise<void> {
  const { code, output } = await run(bin("tsc"), {
    args: ["--project", "tsconfig.build.json"],
    deadlineMs: 120_000,
  });
  if (code !== 0) throw new Error(output.trimEnd());
  const needed = new Set<string>();
  const visit = (path: string) => {
    if (needed.has(path)) return;
    needed.add(path);
    for (const { specifier } of findImports(readFileSync(path, "utf8"))) {
      if (!specifier.startsWith(".")) continue;
      visit(join(dirname(path), specifier.replace(/\.[tj]s$/, ".d.ts")));
    }
  };
  for (const name of ["mod", "tasks", "shared"]) {
    visit(join(dist, `${name}.d.ts`));
  }
  for (const path of globSync(join(dist, "**", "*.d.ts"))) {
    if (!needed.has(path)) rmSync(path);
  }
}

/** The code. @throws when esbuild finds a fault */
async function bundle(): Promise<void> {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES.map((name) => `${name}.ts`),
    outdir: "dist",
    write: false,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    target: "es2024",
    // One character beyond Latin-1 and a runtime keeps all of a file's source at two bytes a character.
    charset: "ascii",
    // Bun takes a file that begins so as it is. It would parse and print it anew, and keep a map of that in memory.
    banner: { js: "// @bun" },
    sourcemap: "linked",
    metafile: true,
    logLevel: "warning",
  });
  const names = nameChunks(metafile.outputs);
  mkdirSync(dist, { recursive: true });
  for (const { path, text } of outputFiles) {
    const name = path.slice(dist.length + 1);
    writeFileSync(join(dist, rename(name, names)), rename(text, names));
  }
}

const missing = ["TypeScript", "esbuild"].find((name) =>
  !existsSync(join(root, "node_modules", name.toLowerCase()))
);
if (missing !== undefined) {
  console.error(
    `Cannot build: ${missing} is not installed, run npm install first`,
  );
  process.exit(1);
}
if (process.argv.includes("--once") && isBuilt()) process.exit();
rmSync(dist, { recursive: true, force: true });
for (const result of await Promise.allSettled([declare(), bundle()])) {
  if (result.status === "fulfilled") continue;
  console.error(`Cannot build: ${result.reason.message}`);
  process.exitCode = 1;
}
if (process.exitCode === undefined) noteBuilt();
