/** Which files there are to watch. */
import { parseGlob } from "../../base/files/glob.ts";
import type { Glob } from "../../base/files/glob.ts";
import { findModules } from "../../base/files/module-graph.ts";
import { folderOf, resolvePath } from "../../base/path.ts";
import { CONFIG_FILES } from "../../config/sources/file.ts";
import type { Config } from "../../config/table/types.ts";
import type { Files } from "../../runtime/runtime.ts";

export interface WatchTargets {
  /** Modules, followed by their imports; none that is no file. */
  readonly entries: readonly string[];
  /** Further files, folders with all that is in them, and patterns for files. */
  readonly extra: readonly string[];
}

export type WatchFiles = Pick<
  Files,
  "readText" | "kind" | "list" | "realPath" | "stamp"
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
    .filter((path) => path !== undefined && !/^[a-z]+:/.test(path))
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
  /** True where there are more than may be watched. */
  readonly cut: boolean;
}

/** Finds what there is to watch, in `most` folders at most. */
export function findScope(
  { entries, extra }: WatchTargets,
  machine: WatchFiles,
  most: number,
): WatchScope {
  const files = new Set(
    entries.flatMap((entry) => [...findModules(entry, machine)]),
  );
  const patterns: string[] = [];
  for (const one of extra) {
    if (isFolder(one, machine)) patterns.push(`${one}/**`);
    else if (/[*?]/.test(one)) patterns.push(one);
    else {
      files.add(one);
      files.add(targetOf(one, machine));
    }
  }
  const globs = patterns.map(parseGlob);
  const folders = new Set([...files].map(folderOf));
  const walk = new Walk(machine, folders, most);
  for (const { base, deep } of globs) {
    folders.add(base);
    if (deep) walk.begin(base);
  }
  return { files, globs, folders, cut: walk.cut };
}

/** Adds folders and what is in them, each once whatever links lead to it. */
class Walk {
  readonly #machine: WatchFiles;
  readonly #folders: Set<string>;
  readonly #most: number;
  readonly #seen = new Set<string>();
  cut = false;

  constructor(machine: WatchFiles, folders: Set<string>, most: number) {
    this.#machine = machine;
    this.#folders = folders;
    this.#most = most;
  }

  begin(folder: string): void {
    if (this.#isNew(folder)) this.#addBelow(folder);
  }

  #addBelow(folder: string): void {
    for (const name of namesIn(folder, this.#machine)) {
      if (name === "node_modules" || name.startsWith(".")) continue;
      const path = resolvePath(folder, name);
      if (!isFolder(path, this.#machine) || !this.#isNew(path)) continue;
      if (this.#folders.size >= this.#most) {
        this.cut = true;
        return;
      }
      this.#folders.add(path);
      this.#addBelow(path);
    }
  }

  #isNew(folder: string): boolean {
    const own = targetOf(folder, this.#machine);
    if (this.#seen.has(own)) return false;
    this.#seen.add(own);
    return true;
  }
}

/** What a path leads to; itself where that cannot be told. */
function targetOf(path: string, machine: WatchFiles): string {
  try {
    return machine.realPath(path) ?? path;
  } catch {
    return path; // It may not be looked at.
  }
}

/** False as well for what may not be looked at, or is a loop of links. */
export function isFolder(
  path: string,
  machine: Pick<Files, "kind">,
): boolean {
  try {
    return machine.kind(path) === "folder";
  } catch {
    return false;
  }
}

/** What is in a folder; nothing where that cannot be told. */
export function namesIn(
  folder: string,
  machine: Pick<Files, "list">,
): string[] {
  try {
    return machine.list(folder);
  } catch {
    return []; // It is gone again, or may not be read.
  }
}
