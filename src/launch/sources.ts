/** Where settings come from, to be read at the start and again at each reload. */
import { namesOf } from "../arbiter/generations/names.ts";
import type { Names } from "../arbiter/generations/names.ts";
import { loadConfig } from "../config/sources/load.ts";
import type { Config, CornConfig, Layer } from "../config/table/types.ts";
import { codeOf, ConfigError, messageOf } from "../base/errors.ts";
import { explain } from "./explain.ts";
import type { FileKind, Runtime } from "../runtime/runtime.ts";

/** This program, as a command or as a library. */
export interface Program {
  readonly runtime: Runtime;
  /** URL of the module that workers are started from. */
  readonly worker: string;
}

/** Where settings come from besides the environment. */
export interface Sources {
  readonly flags?: Layer;
  readonly commandArgs?: Layer;
  readonly options?: CornConfig;
}

/** The config as it is at the start, and what it was read by. */
export interface FirstReading {
  readonly names: Names;
  readonly config: Config;
  /** Reads it anew, for a reload. @throws CornError where it is bad */
  reread(): Promise<Config>;
}

/** Reads the config for the first time in this process. @throws CornError where it is bad */
export async function readFirst(
  program: Program,
  sources: Sources,
): Promise<FirstReading> {
  const names = namesOf(program.runtime, program.worker);
  const reread = configReader(program, sources, names);
  return { names, config: await reread(), reread };
}

/** Reads the config, again and again with the same sources, the environment and names of the start. */
export function configReader(
  { runtime }: Program,
  sources: Sources,
  { folder: cwd }: Names,
): () => Promise<Config> {
  const env = runtime.self.env();
  let readings = 0;
  let before: string | undefined;
  return async () => {
    try {
      const config = await loadConfig({
        ...sources,
        before,
        env,
        cwd,
        runtime: runtime.name,
        generation: readings++,
        fileKind: (path) => kindOf(path, runtime),
        linkTarget: (path) => linkTarget(path, runtime),
        readText: (path) => runtime.files.readText(path),
        importModule: (url, time) => runtime.importAnew(url, time),
        // The process of a program is its own to end.
        ...sources.options === undefined &&
          { withoutExit: runtime.withoutExit },
      });
      before = config.file;
      return config;
    } catch (error) {
      throw await explain(error);
    }
  };
}

/** Changes the working folder to that of the settings. @throws ConfigError where this user may not */
export function enterFolder(
  folder: string,
  self: Pick<Runtime["self"], "chdir">,
): void {
  try {
    self.chdir(folder);
  } catch (cause) {
    const reason = codeOf(cause) === "EACCES"
      ? "permission denied"
      : messageOf(cause);
    throw new ConfigError(`Cannot change to folder "${folder}": ${reason}`, {
      cause,
    });
  }
}

/** @throws ConfigError where this user may not look */
function kindOf(path: string, { files }: Runtime): FileKind | undefined {
  try {
    return files.kind(path);
  } catch (cause) {
    const reason = codeOf(cause) === "EACCES"
      ? "permission denied, this user may not enter its folder"
      : messageOf(cause);
    throw new ConfigError(`Cannot look for "${path}": ${reason}`, { cause });
  }
}

function linkTarget(path: string, { files }: Runtime): string | undefined {
  try {
    return files.readLink(path);
  } catch {
    return undefined;
  }
}
