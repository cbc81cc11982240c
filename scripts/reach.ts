/** What an arbiter may load: nothing that serves HTTP, and nothing of other commands. */
import { posix } from "node:path";
import type { SourceFile } from "./rooms.ts";
import { findImports } from "./source.ts";

/** What an arbiter begins with; adapters load these by the runtime they find. */
const ENTRIES = [
  "mod.ts",
  "adapters/node/runtime.ts",
  "adapters/bun/runtime.ts",
  "adapters/deno/runtime.ts",
];

/** What is a worker's or another command's alone. */
const NOT_AN_ARBITERS = [
  /^src\/make\//,
  /^src\/(http|gateway|worker)\//,
  /^adapters\/swap\//,
  /^adapters\/\w+\/(serving|serve|transport)\.ts$/,
  /^adapters\/shared\/servers\//,
];

/** Finds ways by which an arbiter would load what is a worker's or a command's alone. */
export function judgeReach(files: readonly SourceFile[]): string[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const seen = new Set<string>();
  const problems: string[] = [];
  const visit = (path: string, way: readonly string[]) => {
    if (seen.has(path)) return;
    seen.add(path);
    if (NOT_AN_ARBITERS.some((pattern) => pattern.test(path))) {
      problems.push(`an arbiter would load ${[...way, path].join(" → ")}`);
      return;
    }
    for (const one of findImports(texts.get(path) ?? "")) {
      const { specifier, typeOnly, lazy } = one;
      if (typeOnly || !specifier.startsWith(".")) continue;
      const target = posix.join(posix.dirname(path), specifier);
      // A worker's part of an adapter is loaded so, and each command but the arbiter's.
      if (lazy && /^adapters\/|^src\/cli\/main\.ts$/.test(path)) continue;
      // What answers at a door is loaded once corn serves, or with its first client.
      if (lazy && target.startsWith("src/control/")) continue;
      visit(target, [...way, path]);
    }
  };
  for (const entry of ENTRIES) visit(entry, []);
  return problems;
}
