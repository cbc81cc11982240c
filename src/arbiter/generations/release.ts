/** Where the workers of a generation find all that they load: looked up by name when it is opened, and kept, so that a link that is moved later concerns the next one. */
import {
  fileUrl,
  folderOf,
  relativePath,
  resolvePath,
  urlPath,
} from "../../base/path.ts";
import type { Config } from "../../config/table/types.ts";
import { isSpecifier } from "../../config/values/app-spec.ts";
import {
  AppError,
  ConfigError,
  MissingAppError,
  UsageError,
} from "../../base/errors.ts";
import type { AppSource } from "../../gateway/app/app-plan.ts";
import type { ServedFolder } from "../../gateway/files/files-plan.ts";
import type { Files, Runtime, RuntimeName } from "../../runtime/runtime.ts";
import {
  findDenoConfig,
  findWorkerRuntime,
  workerCommand,
} from "../command/command.ts";
import type { WorkerCommand } from "../command/command.ts";
import { runtimeFlags } from "../command/runtime-flags.ts";
import type { Names } from "./names.ts";
import { handedFlags } from "../command/worker-args.ts";
import { kindOf } from "../sockets/unix-path.ts";

export interface Release {
  /** The workers' working folder, with no link in it. */
  readonly folder: string;
  readonly app: AppSource;
  /** Folders of files that its workers serve. */
  readonly folders: readonly ServedFolder[];
  /** The config file, which has the workers' hooks. */
  readonly configUrl: string | undefined;
  readonly runtime: RuntimeName;
  readonly command: WorkerCommand;
  /** Paths without which no worker of it starts. */
  readonly needs: readonly string[];
}

/** Looks everything up. @throws UsageError where no app is named, ConfigError where a file of variables is missing, AppError where it does not exist, BootError where a runtime does not */
export function findRelease(
  config: Config,
  { files, name, self }: Pick<Runtime, "files" | "name" | "self">,
  names: Names,
): Release {
  const { settings, folder: named, file } = config;
  const folder = files.realPath(named) ?? named;
  const place = (path: string) => pin(path, files);
  const { app, path } = locateApp(config, files, place);
  const { runtime, executable } = findWorkerRuntime({
    wanted: settings.runtime,
    own: name,
    self: { executable: names.executable(), env: self.env },
    files,
  });
  const worker = names.worker();
  const envFile = locateEnvFiles(config, files).map(place);
  const folders = locateFolders(config, files);
  const needs = [
    folder,
    executable,
    ...(path === undefined ? [] : [path]),
    ...envFile,
    ...folders.map(({ root }) => root),
    ...(worker.startsWith("file://") ? [urlPath(worker)] : []),
  ];
  return {
    folder,
    app,
    folders,
    configUrl: file && fileUrl(place(file)),
    runtime,
    command: workerCommand({
      runtime,
      executable,
      worker,
      denoConfig: path === undefined
        ? undefined
        : findDenoConfig(path, { files, folder }),
      workerArgs: [
        ...(runtime === "deno" && name === "deno"
          ? handedFlags(self.start.command, settings.workerArgs)
          : []),
        ...runtimeFlags({ ...settings, envFile }, runtime),
        ...settings.workerArgs,
      ],
    }),
    // What was never there is for the start to complain of.
    needs: needs.filter((one) => files.kind(one) !== undefined),
  };
}

/** False once a part of it is gone. */
export function isThere(
  { needs }: Release,
  files: Pick<Files, "kind">,
): boolean {
  return needs.every((path) => files.kind(path) !== undefined);
}

/**
 * The path with no link in the folders, any of which a deploy may replace. A
 * link that the app's own file is stays, since Deno resolves imports beside the
 * link; those of Kubernetes' volumes, which lead through a folder whose name
 * begins with `..`, do not.
 */
function pin(path: string, files: Pick<Files, "realPath">): string {
  const above = folderOf(path);
  const base = resolvePath(
    files.realPath(above) ?? above,
    relativePath(above, path),
  );
  const target = files.realPath(base);
  return target !== undefined && /\/\.\.[^/]/.test(target) ? target : base;
}

/** @throws ConfigError where one is none */
function locateFolders(
  { settings, folder, origins }: Config,
  files: Pick<Files, "kind" | "realPath">,
): readonly ServedFolder[] {
  return settings.static.map((mount) => {
    const path = resolvePath(folder, mount.folder);
    const kind = kindOf(path, files);
    if (kind === "folder") {
      return { root: files.realPath(path) ?? path, prefix: mount.prefix };
    }
    throw new ConfigError(
      `Cannot use static "${mount.folder}" from ${origins.static}: ${
        missing(kind, `folder in ${folder}`)
      }`,
    );
  });
}

/** Why what stands at a path is not what is wanted. */
function missing(kind: ReturnType<typeof kindOf>, wanted: string): string {
  if (kind === undefined) return `no such ${wanted}`;
  return kind === "closed"
    ? "permission denied, this user may not enter its folder"
    : `it is a ${kind}`;
}

/** Bun and Deno take no notice of one that is not there. @throws ConfigError */
function locateEnvFiles(
  { settings, folder, origins }: Config,
  files: Pick<Files, "kind">,
): readonly string[] {
  return settings.envFile.map((name) => {
    const path = resolvePath(folder, name);
    const kind = kindOf(path, files);
    if (kind === "file") return path;
    throw new ConfigError(
      `Cannot use envFile "${name}" from ${origins.envFile}: ${
        missing(kind, `file in ${folder}`)
      }`,
    );
  });
}

/** Where the app is; `path` is undefined for one that is no file. */
function locateApp(
  { app, folder, pool }: Config,
  files: Pick<Files, "kind">,
  place: (path: string) => string,
): { app: AppSource; path?: string } {
  if (app === undefined) {
    throw new UsageError(
      "Cannot start without an app: name one, as in corn app.ts",
    );
  }
  const { text, path, exportName, args } = app;
  if (isSpecifier(path)) {
    return {
      app: { text, url: path, exportName, args },
      ...(path.startsWith("file://") && { path: urlPath(path) }),
    };
  }
  const absolute = resolvePath(folder, path);
  const kind = kindOf(absolute, files);
  if (kind === "file") {
    const found = place(absolute);
    return {
      app: { text, url: fileUrl(found), exportName, args },
      path: found,
    };
  }
  const what = pool === undefined ? "app" : "tasks";
  if (kind === "closed") {
    throw new AppError(
      `Cannot load ${what} "${path}": permission denied, this user may not enter its folder`,
    );
  }
  if (kind !== undefined) {
    throw new AppError(
      `Cannot load ${what} "${path}": it is a ${kind}, not a module`,
    );
  }
  if (files.kind(folder) === undefined) {
    throw new MissingAppError(path, `there is no folder ${folder} any more`);
  }
  const near = [".ts", ".js", ".mjs", ".tsx"].find((end) =>
    files.kind(absolute + end) === "file"
  );
  const hint = near === undefined ? "" : `, did you mean ${path}${near}?`;
  const reason = `no such file in ${folder}${hint}`;
  throw pool === undefined
    ? new MissingAppError(path, reason)
    : new AppError(`Cannot load tasks "${path}": ${reason}`);
}
