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
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { isBuilt, noteBuilt } from "./built.ts";
import { groupModules, linkLazily, nameLazy } from "./chunks.ts";
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

/** The code. @throws when rolldown finds a fault */
async function bundle(): Promise<void> {
  const { rolldown } = await import("rolldown");
  const groups = groupModules((path) => readFileSync(join(root, path), "utf8"));
  const grouped = new Set(groups.values());
  const pathOf = (module: string) => relative(root, module);
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(ENTRIES.map((name) => [name, `${name}.ts`])),
    platform: "node",
    external: /^[^./]/,
    transform: { target: "es2024" },
    // Files by our own groups may export more than what an entry says.
    preserveEntrySignatures: "allow-extension",
    onLog(level, log) {
      // A lazy import of what a start loads at once anyway.
      if (log.code === "INEFFECTIVE_DYNAMIC_IMPORT") return;
      console.error(`${level}: ${log.message}`);
    },
  });
  const { output } = await bundle.generate({
    format: "esm",
    sourcemap: true,
    // One character beyond Latin-1 and a runtime keeps all of a file's source at two bytes a character.
    charset: "ascii",
    // Bun takes a file that begins so as it is. It would parse and print it anew, and keep a map of that in memory.
    banner: "// @bun",
    comments: false,
    minifyInternalExports: false,
    // No look at each use whether it is set already.
    topLevelVar: true,
    chunkFileNames({ name, moduleIds, facadeModuleId }) {
      const facade = facadeModuleId && nameLazy([pathOf(facadeModuleId)]);
      // Without a module it only passes on what another file has.
      if (moduleIds.length === 0) return `${facade}-alone.js`;
      if (grouped.has(name)) return "[name].js";
      return `${facade || nameLazy(moduleIds.map(pathOf))}.js`;
    },
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{
        debugName: "starts",
        name: (module) => groups.get(pathOf(module)),
      }],
    },
  });
  const written = linkLazily(
    new Map(output.map((one) => [
      one.fileName,
      one.type === "chunk" ? `${one.code.trimEnd()}\n` : `${one.source}`,
    ])),
    new Set(ENTRIES.map((name) => `${name}.js`)),
  );
  mkdirSync(dist, { recursive: true });
  for (const [name, text] of written) {
    if (!name.endsWith(".map")) writeFileSync(join(dist, name), text);
    else if (written.has(name.slice(0, -".map".length))) {
      writeFileSync(join(dist, name), withoutSources(text));
    }
  }
}

/**
 * A source map without what it maps to: the bundle can be read as it is. Deno
 * reads all maps at its start (2.9.5, DENO-READS-MAPS), and Bun none that lacks
 * the field (1.4.5, BUN-MAP-CONTENT).
 */
function withoutSources(map: string): string {
  const { sources, ...others } = JSON.parse(map);
  const sourcesContent = sources.map(() => null);
  return JSON.stringify({ ...others, sources, sourcesContent });
}

const missing = ["TypeScript", "rolldown"].find((name) =>
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
