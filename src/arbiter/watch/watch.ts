/** `--reload`: looks after the files of the app, and says when one has changed. */
import { folderOf, resolvePath } from "../../base/path.ts";
import type { Config } from "../../config/table/types.ts";
import type { Closeable, Files, Runtime } from "../../runtime/runtime.ts";
import { parseGlob } from "../../base/files/glob.ts";
import type { Glob } from "../../base/files/glob.ts";
import { findModules } from "../../base/files/module-graph.ts";

/** Editors write a file in several steps: a change counts once it has been quiet for so long. */
const QUIET_MS = 100;

/** More folders than this are not watched: a system allows a user only so many. */
const MAX_FOLDERS = 2000;

export interface WatchOptions {
  readonly runtime: Pick<Runtime, "clock" | "watch"> & {
    readonly files: Pick<Files, "readText" | "kind" | "list">;
  };
  /** What is watched now, asked again after each change. */
  targets(): WatchTargets;
  /** Called with the files that have changed, as absolute paths. */
  onChange(paths: readonly string[]): void;
}

export interface WatchTargets {
  /** The modules of the app and of its tasks, followed by their imports; none that is no file. */
  readonly entries: readonly string[];
  /** Further files, and patterns for files. */
  readonly extra: readonly string[];
}

/** Watches until it is closed. */
export function watchFiles(
  { runtime, targets, onChange }: WatchOptions,
): Closeable {
  const { clock, files } = runtime;
  const folders = new Map<string, Closeable>();
  const changed = new Set<string>();
  let modules: ReadonlySet<string> = new Set();
  let globs: readonly Glob[] = [];
  let timer: Closeable | undefined;

  function note(path: string): void {
    if (!modules.has(path) && !globs.some((glob) => glob.matches(path))) return;
    changed.add(path);
    timer?.close();
    timer = clock.after(QUIET_MS, report);
  }

  function report(): void {
    const paths = [...changed];
    changed.clear();
    watchAgain();
    onChange(paths);
  }

  /** Finds out anew what there is to watch. */
  function watchAgain(): void {
    const { entries, extra } = targets();
    modules = new Set(
      entries.flatMap((entry) => [...findModules(entry, files)]),
    );
    globs = extra.map(parseGlob);
    const wanted = new Set([...modules].map(folderOf));
    for (const { base, deep } of globs) {
      wanted.add(base);
      if (deep) addFoldersBelow(base, wanted, files);
    }
    for (const [folder, watching] of folders) {
      if (wanted.has(folder)) continue;
      watching.close();
      folders.delete(folder);
    }
    for (const folder of wanted) {
      if (folders.has(folder) || folders.size >= MAX_FOLDERS) continue;
      try {
        const watching = runtime.watch(
          folder,
          (name) => note(folder === "/" ? `/${name}` : `${folder}/${name}`),
        );
        folders.set(folder, watching);
      } catch {
        // It is not there, or not yet.
      }
    }
  }

  watchAgain();
  return {
    close() {
      timer?.close();
      for (const watching of folders.values()) watching.close();
      folders.clear();
    },
  };
}

function addFoldersBelow(
  folder: string,
  found: Set<string>,
  files: Pick<Files, "kind" | "list">,
): void {
  if (found.size >= MAX_FOLDERS || files.kind(folder) !== "folder") return;
  for (const name of files.list(folder)) {
    if (name === "node_modules" || name.startsWith(".")) continue;
    const path = `${folder}/${name}`;
    if (files.kind(path) !== "folder") continue;
    found.add(path);
    addFoldersBelow(path, found, files);
  }
}

/** What a config wants watched. */
export function watchTargets(
  { app, tasks, settings, folder, file }: Pick<
    Config,
    "app" | "tasks" | "settings" | "folder" | "file"
  >,
): WatchTargets {
  const paths = [app?.path, ...tasks.map(({ module }) => module)];
  return {
    entries: paths
      .filter((path) => path !== undefined && !/^[a-z]+:/.test(path))
      .map((path) => resolvePath(folder, path as string)),
    extra: [
      ...[...settings.reloadExtraFile, ...settings.envFile]
        .map((one) => resolvePath(folder, one)),
      ...(file === undefined ? [] : [file]),
    ],
  };
}
