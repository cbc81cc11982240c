/**
 * Checks everything that is not a test; one line each.
 *
 *     node scripts/check.ts            all of them
 *     node scripts/check.ts imports maps
 */
import {
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import { judgeFaults } from "./faults.ts";
import { judge } from "./imports.ts";
import { judgeIndex, judgeLinks } from "./links.ts";
import { compareMaps } from "./maps.ts";
import { pack } from "./pack.ts";
import { judgeReach } from "./reach.ts";
import { findCircles } from "./rooms.ts";
import { bin, root, run } from "./tools.ts";

/** Runs a check; gives what is wrong, empty when nothing is. */
type Check = () => Promise<string> | string;

/** Tests and examples import what npm installed; a clone without it needs none. */
const MANUAL = "--node-modules-dir=manual";
const SOURCES =
  "{mod.ts,worker.ts,thread.ts,tasks.ts,shared.ts,{src,adapters,tests,scripts,bench,examples}/**/*.ts}";

const PAGES = "{*.md,{docs,decisions,examples}/**/*.md}";

/** All checks, in the order they are run in. */
const checks: Readonly<Record<string, Check>> = {
  fmt: () => outputOf("deno", "fmt", "--check"),
  lint: () => outputOf("deno", "lint"),
  deno: () => outputOf("deno", "check", MANUAL, ...sourceFiles()),
  tsc: () => outputOf("tsc", "--noEmit"),
  imports: checkImports,
  maps: checkMaps,
  docs: () => outputOf(process.execPath, "scripts/docs.ts", "--check"),
  page: () => outputOf(process.execPath, "scripts/page.ts", "--check"),
  links: checkLinks,
  faults: checkFaults,
  // Without the types, which `deno` has checked; those that are written are looked at all the same.
  jsr: () =>
    outputOf("deno", "publish", "--dry-run", "--allow-dirty", "--no-check"),
  doc: () => outputOf("deno", "doc", "--lint", "mod.ts"),
  npm: checkPackage,
};

/** Runs the checks of these names, or all. */
export async function checkAll(
  names: readonly string[] = Object.keys(checks),
): Promise<{ passed: number; failed: number }> {
  let failed = 0;
  for (const name of names) {
    const check = checks[name];
    if (check === undefined) {
      throw new RangeError(
        `Cannot check "${name}": choose from ${Object.keys(checks).join(", ")}`,
      );
    }
    const start = performance.now();
    const problem = await attempt(check);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    if (problem === "") console.log(`ok check ${name} ${seconds} s`);
    else {
      failed++;
      console.log(`FAILED check ${name} ${seconds} s\n${problem.trimEnd()}\n`);
    }
  }
  return { passed: names.length - failed, failed };
}

async function attempt(check: Check): Promise<string> {
  try {
    return await check();
  } catch (error) {
    return String(error);
  }
}

/** What a command printed when it failed, or nothing. */
async function outputOf(program: string, ...args: string[]): Promise<string> {
  const path = isAbsolute(program) ? program : bin(program);
  const { code, output } = await run(path, {
    args,
    deadlineMs: 120_000,
  });
  return code === 0
    ? ""
    : `${[program, ...args].join(" ")}: exit code ${code}\n${output}`;
}

/** What runs on a runtime; the dashboard's page runs in a browser, whose types are another check's. */
function sourceFiles(): string[] {
  return globSync(SOURCES, { cwd: root, exclude: ["scripts/page/**"] }).sort();
}

function readJson(path: string) {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

function checkImports(): string {
  const deno = Object.keys(readJson("deno.json").imports);
  const npm = readJson("package.json");
  const packages = {
    published: new Set(deno.filter((name) => name in npm.dependencies)),
    installed: new Set(
      Object.keys({
        ...npm.dependencies,
        ...npm.devDependencies,
        // As its users import it.
        [npm.name]: "",
      }),
    ),
  };
  const files = sourceFiles().map((path) => ({
    path,
    text: readFileSync(join(root, path), "utf8"),
  }));
  return [
    ...files.flatMap((file) => judge(file, packages)),
    ...judgeReach(files),
    ...findCircles(files).map((way) => `a circle: ${way.join(" → ")}`),
  ].join("\n");
}

function checkMaps(): string {
  return compareMaps(readJson("deno.json"), readJson("package.json")).join(
    "\n",
  );
}

function checkLinks(): string {
  const pages = globSync(PAGES, { cwd: root }).sort().map((path) => ({
    path,
    text: readFileSync(join(root, path), "utf8"),
  }));
  const exists = (path: string) =>
    /[*{]/.test(path)
      ? globSync(path, { cwd: root }).length > 0
      : existsSync(join(root, path));
  const docs = pages.filter(({ path }) => path.startsWith("docs/"));
  return [
    ...judgeLinks(pages, exists),
    ...docs.filter(({ path }) => path === "docs/README.md").flatMap((index) =>
      judgeIndex(index, docs.map(({ path }) => path))
    ),
  ].join("\n");
}

/** Whether comments and docs/runtimes.md name the same faults. */
function checkFaults(): string {
  const read = (path: string) => ({
    path,
    text: readFileSync(join(root, path), "utf8"),
  });
  const files = globSync(
    "{mod.ts,worker.ts,thread.ts,tasks.ts,shared.ts,bin/*.js,scripts/{build,chunks}.ts,{src,adapters}/**/*.ts}",
    {
      cwd: root,
    },
  ).sort().map(read);
  const pages = globSync(PAGES, { cwd: root }).sort().map(read);
  return judgeFaults(
    read("docs/runtimes.md"),
    files,
    pages.filter(({ path }) => path !== "docs/runtimes.md"),
  ).join("\n");
}

async function checkPackage(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "corn-pack-"));
  try {
    return await outputOf("publint", "--strict", await pack(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const names = process.argv.slice(2);
  const { passed, failed } = await checkAll(
    names.length > 0 ? names : undefined,
  );
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
