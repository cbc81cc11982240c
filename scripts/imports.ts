/** The rules of who may import whom, and of what `src` may touch. */
import { posix } from "node:path";
import { judgeRooms, type SourceFile } from "./rooms.ts";
import { blank, findImports, lineOf, type ModuleImport } from "./source.ts";

/** The bare names that may be imported. */
export interface Packages {
  /** Those in both maps: for everything that is published. */
  readonly published: ReadonlySet<string>;
  /** Those in package.json at all, and corn itself: for tests, scripts, benches and examples. */
  readonly installed: ReadonlySet<string>;
}

/** What only adapters touch. */
const TOUCHES = [
  /(?<![\w$.#])(?:process|Deno|Bun|console|performance)(?=\s*\??[.[])/g,
  /(?<![\w$.#])(?:setTimeout|setInterval|setImmediate)\b(?!\s*\??:)/g,
  /(?<![\w$.#])Date\s*\.\s*now\b/g,
  /(?<![\w$.#])new\s+Date\b(?!\s*\(\s*[^\s)])/g,
  /(?<![\w$.#])Math\s*\.\s*random\b/g,
  /(?<![\w$.#])globalThis\b/g,
];

/** What few processes need, and what costs a start some milliseconds each. */
const DEAR = new Set([
  "node:http",
  "node:dgram",
  "node:dns",
  "node:dns/promises",
  "node:child_process",
  "node:inspector",
]);

/** Judges one file; each problem begins with `path:line:`. */
export function judge(file: SourceFile, packages: Packages): string[] {
  const problems = findImports(file.text).flatMap((one) =>
    judgeImport(file.path, one, packages).map((problem) =>
      `${file.path}:${one.line}: ${problem}`
    )
  );
  if (!file.path.startsWith("src/")) return problems;
  const code = blank(file.text);
  for (const pattern of TOUCHES) {
    for (const match of code.matchAll(pattern)) {
      const line = lineOf(code, match.index);
      problems.push(
        `${file.path}:${line}: src must not touch ${
          match[0].replace(/\s+/g, " ")
        }`,
      );
    }
  }
  return problems;
}

function judgeImport(
  path: string,
  { specifier, typeOnly, lazy }: ModuleImport,
  packages: Packages,
): string[] {
  const published = /^((mod|worker|tasks)\.ts$|src\/|adapters\/)/.test(path);
  if (!specifier.startsWith(".")) {
    if (published && !typeOnly && !lazy && DEAR.has(specifier)) {
      return [
        `"${specifier}" is not imported: process.getBuiltinModule() gives it where it is first needed`,
      ];
    }
    return judgeBare(path, specifier, { published, packages });
  }

  const problems: string[] = [];
  if (
    !/\.(ts|tsx|js|json)$/.test(specifier) ||
    (published && !/\.ts$/.test(specifier))
  ) {
    problems.push(`"${specifier}" must end in .ts`);
  }
  const target = posix.join(posix.dirname(path), specifier);
  const top = path.split("/")[0];
  if (top !== "src" && top !== "adapters") return problems;
  if (target.startsWith(`${top}/`)) {
    const problem = judgeRooms(path, target);
    if (problem !== undefined) problems.push(problem);
  } else if (top === "src") {
    problems.push(`src must not import ${target}`);
  } else if (target.startsWith("src/runtime/")) {
    if (!typeOnly) {
      problems.push(
        `adapters import only types of src/runtime: "${specifier}"`,
      );
    }
  } else if (!target.startsWith("src/base/")) {
    problems.push(
      `adapters must not import ${target}: only types of src/runtime and src/base`,
    );
  }
  return problems;
}

function judgeBare(
  path: string,
  specifier: string,
  { published, packages }: { published: boolean; packages: Packages },
): string[] {
  if (specifier.startsWith("node:")) {
    const allowed = !path.startsWith("src/") ||
      (path === "src/cli/args.ts" && specifier === "node:util");
    return allowed ? [] : [`src must not import "${specifier}"`];
  }
  if (
    /^tests\/(?!support\/(suite|assert)\.ts$)/.test(path) &&
    /^uvu(\/|$)/.test(specifier)
  ) {
    return [
      `tests take suites and assertions from tests/support, which count them, not from "${specifier}"`,
    ];
  }
  const name = specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const known = published ? packages.published : packages.installed;
  if (known.has(name)) return [];
  return [
    published
      ? `"${specifier}" is not in both deno.json and package.json`
      : `"${specifier}" is not in package.json`,
  ];
}
