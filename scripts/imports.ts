/** The rules of who may import whom, and of what `src` may touch. */
import { posix } from "node:path";
import { blank, findImports, lineOf, type ModuleImport } from "./source.ts";

/** A file to judge, its path relative to the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The bare names that may be imported. */
export interface Packages {
  /** Those in both maps: for everything that is published. */
  readonly published: ReadonlySet<string>;
  /** Those in package.json at all, and corn itself: for tests, scripts, benches and examples. */
  readonly installed: ReadonlySet<string>;
}

/** Folders of `src` that a folder of `src` must not import. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  arbiter: ["cli", "worker"],
  worker: ["cli", "arbiter"],
  config: ["cli", "arbiter", "worker", "gateway"],
  gateway: ["cli", "arbiter", "worker"],
};

/** What only adapters touch. */
const TOUCHES = [
  /(?<![\w$.#])(?:process|Deno|Bun|console|performance)(?=\s*\??[.[])/g,
  /(?<![\w$.#])(?:setTimeout|setInterval|setImmediate)\b(?!\s*\??:)/g,
  /(?<![\w$.#])Date\s*\.\s*now\b/g,
  /(?<![\w$.#])new\s+Date\b(?!\s*\(\s*[^\s)])/g,
  /(?<![\w$.#])Math\s*\.\s*random\b/g,
  /(?<![\w$.#])globalThis\b/g,
];

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
  { specifier, typeOnly }: ModuleImport,
  packages: Packages,
): string[] {
  const published = /^(mod\.ts$|src\/|adapters\/)/.test(path);
  if (!specifier.startsWith(".")) {
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
  const [top, folder] = [layerOf(path), layerOf(target)];
  if (path.startsWith("src/") && !target.startsWith("src/")) {
    problems.push(`src must not import ${target}`);
  } else if (path.startsWith("src/") && FORBIDDEN[top]?.includes(folder)) {
    problems.push(`src/${top} must not import src/${folder}`);
  }
  if (path.startsWith("adapters/") && !target.startsWith("adapters/")) {
    if (!target.startsWith("src/")) {
      problems.push(`adapters must not import ${target}`);
    } else if (!typeOnly && folder !== "base") {
      problems.push(
        `adapters import only types of src, and values of src/base: "${specifier}"`,
      );
    }
  }
  return problems;
}

/** The folder of `src` that a path is in, or its file name. */
function layerOf(path: string): string {
  return path.split("/")[1] ?? "";
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
