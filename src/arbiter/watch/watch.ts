/** `--reload`: looks after the files of the app, and says when one has changed. */
import { messageOf } from "../../base/errors.ts";
import { namesIn } from "../../base/attempt.ts";
import { MAX_FILES } from "../../base/files/module-graph.ts";
import { folderOf, resolvePath } from "../../base/path.ts";
import type { Logger } from "../../log/error/logger.ts";
import type { Closeable, FolderWatch, Runtime } from "../../runtime/runtime.ts";
import { Stamps } from "./stamps.ts";
import { findScope, isFolder } from "./targets.ts";
import type { WatchFiles, WatchScope, WatchTargets } from "./targets.ts";

/** Editors write a file in several steps: a change counts once it has been quiet for so long. */
const QUIET_MS = 100;

/** The longest that a change waits for quiet: some files are written all the time. */
const MOST_MS = 2000;

/** How often files and folders are looked at, in milliseconds; less often where that takes more than a hundredth of the time. */
const LOOK_MS = 500;
const LOOK_SHARE = 100;

/** More folders than this are not watched: a system allows a user only so many. */
const MAX_FOLDERS = 2000;

export interface WatchOptions {
  readonly runtime: Pick<Runtime, "clock" | "watch"> & {
    readonly files: WatchFiles;
  };
  readonly log: Pick<Logger, "warning">;
  /** What is watched now, asked again after each change. */
  targets(): WatchTargets;
  /** Called with the files that have changed, as absolute paths. */
  onChange(paths: readonly string[]): void;
}

/** Watches until it is closed. */
export function watchFiles(options: WatchOptions): Closeable {
  const watch = new Watch(options);
  watch.begin();
  return watch;
}

const NOTHING: WatchScope = {
  files: new Set(),
  globs: [],
  folders: new Set(),
  cut: false,
  modulesCut: false,
};

class Watch implements Closeable {
  readonly #options: WatchOptions;
  readonly #folders = new Map<string, FolderWatch>();
  /** Folders that the system tells nothing of. */
  readonly #mute = new Set<string>();
  readonly #stamps: Stamps;
  readonly #changed = new Set<string>();
  /** When the first of them changed. */
  #since = 0;
  #scope = NOTHING;
  #timer: Closeable | undefined;
  #look: Closeable | undefined;
  readonly #told = new Set<string>();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#stamps = new Stamps(options.runtime.files);
  }

  begin(): void {
    this.#watchAgain();
    this.#lookIn(LOOK_MS);
  }

  close(): void {
    this.#timer?.close();
    this.#look?.close();
    for (const folder of [...this.#folders.keys()]) this.#leave(folder);
  }

  #note(path: string): void {
    if (this.#isWanted(path)) this.#change(path);
  }

  #isWanted(path: string): boolean {
    const { files, globs } = this.#scope;
    return files.has(path) || globs.some((glob) => glob.matches(path));
  }

  #change(path: string): void {
    const { clock } = this.#options.runtime;
    if (this.#changed.size === 0) this.#since = clock.now();
    this.#changed.add(path);
    const left = this.#since + MOST_MS - clock.now();
    this.#timer?.close();
    this.#timer = clock.after(
      Math.max(0, Math.min(QUIET_MS, left)),
      () => this.#report(),
    );
  }

  #report(): void {
    const { clock } = this.#options.runtime;
    if (this.#leaveLost()) {
      this.#timer = clock.after(0, () => this.#report());
      return;
    }
    const paths = [...this.#changed];
    this.#changed.clear();
    this.#watchAgain();
    this.#options.onChange(paths);
  }

  #lookIn(ms: number): void {
    this.#look = this.#options.runtime.clock.after(ms, () => this.#lookAgain());
  }

  /** Looks at files, and for folders that were removed and made again, as build tools do: of those nothing is heard. */
  #lookAgain(): void {
    const { clock } = this.#options.runtime;
    const began = clock.now();
    if (this.#leaveLost()) return this.#lookIn(0);
    for (const folder of this.#watchFolders()) {
      const inside = [...this.#scope.files].filter((path) =>
        folderOf(path) === folder
      );
      for (const path of inside.length > 0 ? inside : [folder]) {
        this.#change(path);
      }
    }
    const mute = [...this.#mute].flatMap((one) => this.#filesIn(one));
    for (const path of this.#stamps.changed(mute)) {
      this.#change(path);
    }
    this.#lookIn(Math.max(LOOK_MS, (clock.now() - began) * LOOK_SHARE));
  }

  /** Files in a folder that patterns mean. */
  #filesIn(folder: string): string[] {
    const { globs } = this.#scope;
    return namesIn(folder, this.#options.runtime.files)
      .map((name) => resolvePath(folder, name))
      .filter((path) => globs.some((glob) => glob.matches(path)));
  }

  /** Finds out anew what there is to watch. */
  #watchAgain(): void {
    const { runtime, targets } = this.#options;
    this.#scope = findScope(targets(), runtime.files, MAX_FOLDERS);
    if (this.#scope.cut) {
      this.#tell(
        "many",
        `More than ${MAX_FOLDERS} folders are named by --reload-extra-file: not all of them are watched`,
      );
    }
    if (this.#scope.modulesCut) {
      this.#tell(
        "modules",
        `The app imports more than ${MAX_FILES} files by relative paths: not all of them are watched, name their folder with --reload-extra-file`,
      );
    }
    this.#mute.clear();
    this.#watchFolders();
    const mute = [...this.#mute].flatMap((one) => this.#filesIn(one));
    this.#stamps.renew([...this.#scope.files, ...mute]);
  }

  /**
   * Watches no longer what has no name, or another one; true where there was
   * such. On Deno a watch that begins in the same turn of the event loop as one
   * of that name ends hears nothing (2.9.5, DENO-WATCH-ANEW).
   */
  #leaveLost(): boolean {
    let lost = false;
    for (const [folder, watching] of [...this.#folders]) {
      if (watching.isCurrent()) continue;
      this.#leave(folder);
      lost = true;
      if (!watching.failed) continue;
      this.#tellMute(`Cannot watch ${folder} any more`);
      this.#mute.add(folder);
      this.#stamps.add(this.#filesIn(folder));
    }
    return lost;
  }

  #leave(folder: string): void {
    this.#folders.get(folder)?.close();
    this.#folders.delete(folder);
  }

  /** Watches what is wanted and there, and nothing else; gives the folders that were not watched yet. */
  #watchFolders(): string[] {
    const { runtime } = this.#options;
    const { folders } = this.#scope;
    for (const folder of [...this.#folders.keys()]) {
      if (!folders.has(folder)) this.#leave(folder);
    }
    const fresh: string[] = [];
    for (const folder of folders) {
      if (this.#folders.has(folder) || this.#mute.has(folder)) continue;
      if (!isFolder(folder, runtime.files)) continue;
      if (this.#folders.size >= MAX_FOLDERS) {
        this.#mute.add(folder);
        continue;
      }
      try {
        const watching = runtime.watch(
          folder,
          (name) => this.#note(resolvePath(folder, name)),
        );
        this.#folders.set(folder, watching);
        fresh.push(folder);
      } catch (error) {
        this.#mute.add(folder);
        if (!isFolder(folder, runtime.files)) continue;
        this.#tellMute(`Cannot watch ${folder}: ${messageOf(error)}`);
      }
    }
    return fresh;
  }

  #tellMute(text: string): void {
    this.#tell(
      "mute",
      `${text}; files in such folders are looked at twice a second instead`,
    );
  }

  /** Says it once of its kind. */
  #tell(kind: string, text: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#options.log.warning(text);
  }
}
