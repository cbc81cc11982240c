/** Which files there are to watch. */
import { attempt } from "../../base/attempt.ts";
import { parseGlob } from "../../base/files/glob.ts";
import type { Glob } from "../../base/files/glob.ts";
import { findModules, MAX_FILES } from "../../base/files/module-graph.ts";
import { folderOf, isWithin, resolvePath } from "../../base/path.ts";
import { CONFIG_FILES } from "../../config/sources/file.ts";
import type { Config } from "../../config/table/types.ts";
import { isSpecifier } from "../../config/values/app-spec.ts";
import type { Files } from "../../runtime/runtime.ts";

export interface WatchTargets {
  /** Modules, followed by their imports; none that is no file. */
  readonly entries: readonly string[];
  /** Further files, folders with all that is in them, and patterns for files. */
  readonly extra: readonly string[];
}

export type WatchFiles = Pick<
  Files,
  "readText" | "kind" | "list" | "listFolders" | "realPath" | "stamp"
>;

/** What a config wants watched. */
export function watchTargets(
  { app, tasks, settings, origins, folder, file }: Pick<
    Config,
    "app" | "tasks" | "settings" | "origins" | "folder" | "file"
  >,
): WatchTargets {
  const paths = [
    app?.path,
    ...tasks.map(({ module }) => module),
    file,
    // One that is made later goes before the one that is there.
    ...origins.config === "default" ? CONFIG_FILES : [],
  ];
  const entries = paths
    .filter((path) => path !== undefined && !isSpecifier(path))
    .map((path) => resolvePath(folder, path as string));
  return {
    entries: [...new Set(entries)],
    extra: [...settings.reloadExtraFile, ...settings.envFile]
      .map((one) => resolvePath(folder, one)),
  };
}

/** What the targets mean on this machine, now. */
export interface WatchScope {
  /** Files by their names. */
  readonly files: ReadonlySet<string>;
  readonly globs: readonly Glob[];
  /** The folders that all of them are in. */
  readonly folders: ReadonlySet<string>;
  /** True where there are more folders than may be watched. */
  readonly cut: boolean;
  /** True where there are more modules than are followed. */
  readonly modulesCut: boolean;
}

/** Finds what there is to watch, in `most` folders at most. */
export function findScope(
  { entries, extra }: WatchTargets,
  machine: WatchFiles,
  most: number,
): WatchScope {
  const modules = entries.map((entry) => findModules(entry, machine));
  const files = new Set(modules.flatMap((found) => [...found]));
  const modulesCut = modules.some(({ size }) => size >= MAX_FILES);
  const patterns: string[] = [];
  for (const one of extra) {
    if (isFolder(one, machine)) patterns.push(`${one}/**`);
    else if (/[*?]/.test(one)) patterns.push(one);
    else {
      files.add(one);
      files.add(realOf(one, machine) ?? one);
    }
  }
  const globs = patterns.map(parseGlob);
  const folders = new Set([...files].map(folderOf));
  let cut = false;
  for (const { base, deep } of globs) {
    // It may not be there yet.
    folders.add(base);
    if (deep && !addTree(base, folders, { machine, most })) cut = true;
  }
  return { files, globs, folders, cut, modulesCut };
}

/** Adds a folder with all those in it, each once, whatever links lead to it: by its own name where it has one there. */
function addTree(
  base: string,
  folders: Set<string>,
  { machine, most }: { readonly machine: WatchFiles; readonly most: number },
): boolean {
  const top = realOf(base, machine) ?? base;
  const seen = new Set<string>();
  const links: string[] = [];
  const ahead = [base];
  for (;;) {
    const folder = ahead.pop() ?? links.pop();
    if (folder === undefined) return true;
    const own = realOf(folder, machine);
    if (own === undefined || seen.has(own)) continue;
    if (folders.size >= most && !folders.has(folder)) return false;
    seen.add(own);
    folders.add(folder);
    for (const name of attempt(() => machine.listFolders(folder)) ?? []) {
      if (name === "node_modules" || name.startsWith(".")) continue;
      const path = resolvePath(folder, name);
      const target = realOf(path, machine);
      if (target === resolvePath(own, name)) ahead.push(path);
      else if (target !== undefined && isFolder(path, machine)) {
        // One that leads back up has nothing new.
        if (target !== top && !isWithin(target, top)) links.push(path);
      }
    }
  }
}

/** What a path leads to; undefined for nothing, a loop of links, and what may not be looked at. */
function realOf(path: string, machine: WatchFiles): string | undefined {
  return attempt(() => machine.realPath(path));
}

/** False as well for what may not be looked at, or is a loop of links. */
export function isFolder(
  path: string,
  machine: Pick<Files, "kind">,
): boolean {
  return attempt(() => machine.kind(path)) === "folder";
}
