/** `--reload`: looks after the files of the app, and says when one has changed. */
import { folderOf, resolvePath } from "../../base/path.ts";
import type { Config } from "../../config/table/types.ts";
import type {
  Closeable,
  Files,
  FolderWatch,
  Runtime,
} from "../../runtime/runtime.ts";
import { parseGlob } from "../../base/files/glob.ts";
import type { Glob } from "../../base/files/glob.ts";
import { findModules } from "../../base/files/module-graph.ts";

/** Editors write a file in several steps: a change counts once it has been quiet for so long. */
const QUIET_MS = 100;

/** How often it is looked whether a folder is still the one that is watched, in milliseconds. */
const LOOK_MS = 500;

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
  const folders = new Map<string, FolderWatch>();
  const changed = new Set<string>();
  let modules: ReadonlySet<string> = new Set();
  let globs: readonly Glob[] = [];
  let wanted: ReadonlySet<string> = new Set();
  let timer: Closeable | undefined;
  let look = clock.after(LOOK_MS, lookAgain);

  function note(path: string): void {
    if (!modules.has(path) && !globs.some((glob) => glob.matches(path))) return;
    change(path);
  }

  function change(path: string): void {
    changed.add(path);
    timer?.close();
    timer = clock.after(QUIET_MS, report);
  }

  /** A folder that was removed and made again, as build tools do, is another one, of which nothing is heard. */
  function lookAgain(): void {
    const lost = closeLost();
    look = clock.after(lost ? 0 : LOOK_MS, lookAgain);
    if (lost) return;
    for (const folder of watchFolders()) {
      const inside = [...modules].filter((path) => folderOf(path) === folder);
      for (const path of inside.length > 0 ? inside : [folder]) change(path);
    }
  }

  function report(): void {
    if (closeLost()) {
      timer = clock.after(0, report);
      return;
    }
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
    const found = new Set([...modules].map(folderOf));
    for (const { base, deep } of globs) {
      found.add(base);
      if (deep) addFoldersBelow(base, found, files);
    }
    wanted = found;
    watchFolders();
  }

  /**
   * Watches no longer what has no name, or another one; true where there was
   * such. On Deno a watch that begins in the same turn of the event loop as one
   * of that name ends hears nothing (2.9.5, DENO-WATCH-ANEW).
   */
  function closeLost(): boolean {
    const lost = [...folders].filter(([, watching]) => !watching.isCurrent());
    for (const [folder] of lost) close(folder);
    return lost.length > 0;
  }

  function close(folder: string): void {
    folders.get(folder)?.close();
    folders.delete(folder);
  }

  /** Watches what is wanted and there, and nothing else; gives the folders that were not watched yet. */
  function watchFolders(): string[] {
    for (const folder of folders.keys()) {
      if (!wanted.has(folder)) close(folder);
    }
    const fresh: string[] = [];
    for (const folder of wanted) {
      if (folders.has(folder) || folders.size >= MAX_FOLDERS) continue;
      if (files.kind(folder) !== "folder") continue;
      try {
        const watching = runtime.watch(
          folder,
          (name) => note(folder === "/" ? `/${name}` : `${folder}/${name}`),
        );
        folders.set(folder, watching);
        fresh.push(folder);
      } catch {
        // It is gone again, or closed to this user.
      }
    }
    return fresh;
  }

  watchAgain();
  return {
    close() {
      timer?.close();
      look.close();
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
