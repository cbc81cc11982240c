/** Folders that corn itself writes to, by its settings. */
import { isAbstract } from "../base/addresses/unix-names.ts";
import { folderOf, isWithin, resolvePath } from "../base/path.ts";
import type { Bind } from "../config/values/address.ts";
import type { SettingName } from "../config/table/settings.ts";
import { HOME } from "./container.ts";
import { refuse } from "./subject.ts";
import type { Subject } from "./subject.ts";

export interface Written {
  readonly folder: string;
  /** The setting that names it. */
  readonly setting: SettingName;
  /** True where what is written grows. */
  readonly logs: boolean;
}

const LOGS: readonly SettingName[] = ["errorLogfile", "accessLogfile"];

/** Each folder once. */
export function writtenFolders(
  { config: { settings, folder: home } }: Subject,
): Written[] {
  const { pid, errorLogfile, accessLogfile, compileCache } = settings;
  const { control, admin, bind } = settings;
  const paths: (readonly [SettingName, string | undefined])[] = [
    ["pid", pid],
    ["control", control],
    ...[admin].map((one) => ["admin", socketPath(one, home)] as const),
    ...bind.map((one) => ["bind", socketPath(one, home)] as const),
    ["errorLogfile", errorLogfile],
    ["accessLogfile", accessLogfile],
  ];
  const all = paths.flatMap(([setting, path]) =>
    // Others are `-`, `on` and such.
    path?.startsWith("/")
      ? [{ folder: folderOf(path), setting, logs: LOGS.includes(setting) }]
      : []
  );
  if (compileCache.startsWith("/")) {
    all.push({ folder: compileCache, setting: "compileCache", logs: false });
  }
  const found = new Map<string, Written>();
  for (const one of all) {
    if (one.folder === "/dev" || isWithin("/dev", one.folder)) continue;
    if (!found.has(one.folder) || one.logs) found.set(one.folder, one);
  }
  return [...found.values()];
}

/**
 * The same as a container has them, without `/tmp`, which it has anyway.
 *
 * @throws ConfigError where one is not for the container's user to write to
 */
export function containerFolders(subject: Subject, kind: string): Written[] {
  const { folder: app } = subject;
  return writtenFolders(subject).flatMap((one) => {
    const { folder, setting } = one;
    // Compiled code that the image has would be hidden by an empty folder.
    if (folder === "/tmp" || setting === "compileCache") return [];
    if (folder === app || folder === "/") {
      const why =
        "in a folder that a container's user may not write to: give another, such as one below /run";
      return refuse(subject, { kind, setting, why });
    }
    return isWithin(app, folder)
      ? [{ ...one, folder: HOME + folder.slice(app === "/" ? 0 : app.length) }]
      : [one];
  });
}

/** Undefined for what is no file. */
function socketPath(bind: Bind | undefined, home: string): string | undefined {
  return bind?.kind === "unix" && !isAbstract(bind.path)
    ? resolvePath(home, bind.path)
    : undefined;
}
