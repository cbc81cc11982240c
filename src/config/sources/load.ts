import { ConfigError, together } from "../../base/errors.ts";
import { HOOKS, WORKER_HOOKS } from "../../hooks/names.ts";
import type { Hooks } from "../../hooks/types.ts";
import type { LoggerObject } from "../../log/error/user-logger.ts";
import { isAbstract } from "../../base/addresses/unix-names.ts";
import { type Bind, fitsUnix } from "../values/address.ts";
import { parseAppSpec } from "../values/app-spec.ts";
import { environmentLayer, platformLayer } from "./environment.ts";
import { type FileReader, findFile, objectLayer, readFile } from "./file.ts";
import { resolvePath } from "../../base/path.ts";
import { quote, Refusal } from "../../base/refusal.ts";
import { parseTaskPools } from "../values/tasks.ts";
import type { TaskPool } from "../values/tasks.ts";
import { type SettingName, settingNames } from "../table/settings.ts";
import type {
  Config,
  CornConfig,
  Given,
  Layer,
  Settings,
} from "../table/types.ts";
import { validate } from "../checks/validate.ts";
import { defaultOf, parseValue, problemOf } from "../table/values.ts";

/** What a config is made of. */
export interface LoadInput extends FileReader {
  /** What the command line gave. */
  readonly flags?: Layer;
  /** What the variable `CORN_CMD_ARGS` gave, parsed as a command line. */
  readonly commandArgs?: Layer;
  /** What a program gave to `serve()`. */
  readonly options?: CornConfig;
  /** The folder corn was started in: not the one it changed to, so that a reload finds the same. */
  readonly cwd: string;
}

const EMPTY: Layer = { values: {} };

/**
 * Puts a config together. Later sources go before earlier ones: defaults,
 * `PORT` and `WEB_CONCURRENCY`, config file, `CORN_CMD_ARGS`, `CORN_*`,
 * `serve()`, flags.
 *
 * @throws ConfigError
 */
export async function loadConfig(input: LoadInput): Promise<Config> {
  const { flags = EMPTY, commandArgs = EMPTY } = input;
  const variables = environmentLayer(input.env);
  const options = objectLayer(input.options ?? {}, "serve()");
  refuseWorkerHooks(options);
  const outer = [
    flags,
    options,
    variables,
    renamed(commandArgs, "CORN_CMD_ARGS"),
  ];

  const folder = folderOf(input, outer);
  const given = pick(outer, "config");
  const named = given && parseValue("config", given);
  const found = findFile(input, { folder, named });
  const file = found ? await readFile(input, found) : EMPTY;

  const layers = [...outer, file];
  checkAll(layers);
  layers.push(platformLayer(input.env));
  const { settings, origins } = resolve(layers);
  const hooks = resolveHooks([options, file]);
  const logger = options.logger ?? file.logger;
  const tasks = options.tasks ?? file.tasks;
  const home = folderOf(input, layers);
  const apps = [
    [flags.app, "the command line"],
    [variables.app, "CORN_APP"],
    [commandArgs.app, "CORN_CMD_ARGS"],
    [file.app, found?.name],
    [options.app, "serve()"],
  ] as const;
  const [app, appOrigin] = apps.find(([text]) => text !== undefined) ?? [];
  const config: Config = {
    app: app === undefined ? undefined : parseAppSpec(app),
    settings: {
      ...settings,
      bind: settings.bind.map((bind) => withFolder(bind, home)),
      chdir: settings.chdir === undefined ? undefined : home,
      pid: settings.pid === undefined
        ? undefined
        : resolvePath(home, settings.pid),
      errorLogfile: logPath(home, settings.errorLogfile),
      accessLogfile: settings.accessLogfile === undefined
        ? undefined
        : logPath(home, settings.accessLogfile),
      ...certificatePaths(home, settings),
      config: found?.path,
    },
    origins: {
      ...(appOrigin !== undefined && { app: appOrigin }),
      ...origins,
      ...hooks.origins,
      ...(logger && { logger: logger.origin }),
      ...(tasks && { tasks: tasks.origin }),
    },
    logger: logger?.value as LoggerObject | undefined,
    hooks: hooks.hooks,
    tasks: tasks === undefined ? [] : readTasks(tasks),
    folder: home,
    file: found?.path,
  };
  validate(config);
  return config;
}

/** @throws ConfigError */
function readTasks({ value, origin }: Given): readonly TaskPool[] {
  try {
    return parseTaskPools(value);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const part = error.part === undefined ? "" : ` ${quote(error.part)}`;
    throw new ConfigError(
      `Cannot use tasks${part} from ${origin}: ${error.message}`,
    );
  }
}

/** A unix socket's path from the folder on, as far as one may be that long. */
function withFolder(bind: Bind, home: string): Bind {
  if (bind.kind !== "unix" || isAbstract(bind.path)) return bind;
  const path = resolvePath(home, bind.path);
  return fitsUnix(path) ? { ...bind, path } : bind;
}

/** An absolute path, or `-` for a stream. */
function logPath(home: string, path: string): string {
  return path === "-" ? path : resolvePath(home, path);
}

/** Where certificates and keys are, by the names that were given: what they lead to changes. */
function certificatePaths(
  home: string,
  { certfile, keyfile, caCerts, sni }: Settings,
): Pick<Settings, "certfile" | "keyfile" | "caCerts" | "sni"> {
  const place = (path: string | undefined) =>
    path === undefined ? undefined : resolvePath(home, path);
  return {
    certfile: place(certfile),
    keyfile: place(keyfile),
    caCerts: place(caCerts),
    sni: sni.map((one) => ({
      ...one,
      certfile: resolvePath(home, one.certfile),
      keyfile: place(one.keyfile),
    })),
  };
}

/** The folder that relative paths start from: `chdir`, or where corn was started. */
function folderOf(input: LoadInput, layers: readonly Layer[]): string {
  const given = pick(layers, "chdir");
  if (given === undefined) {
    const folder = resolvePath(input.cwd, ".");
    if (input.fileKind(folder) === "folder") return folder;
    throw new ConfigError(
      `Cannot use working folder ${quote(folder)}: it is not there any more`,
    );
  }
  const folder = resolvePath(input.cwd, parseValue("chdir", given)!);
  const kind = input.fileKind(folder);
  if (kind === "folder") return folder;
  throw new ConfigError(
    `Cannot use chdir ${quote(given.value)} from ${given.origin}: ${
      kind === undefined ? "no such folder" : "it is not a folder"
    }`,
  );
}

/** Refuses bad values, all of them, even where a better source hides them, or they would show only later. */
function checkAll(layers: readonly Layer[]): void {
  const problems = layers.flatMap(({ values }) =>
    settingNames.flatMap((name) => {
      const given = values[name];
      return given && problemOf(name, given) || [];
    })
  );
  if (problems.length > 0) throw together(problems);
}

function resolve(
  layers: readonly Layer[],
): Pick<Config, "settings" | "origins"> {
  const settings: Partial<Record<SettingName, unknown>> = {};
  const origins: Record<string, string> = {};
  for (const name of settingNames) {
    const given = pick(layers, name);
    settings[name] = given === undefined
      ? defaultOf(name)
      : parseValue(name, given);
    origins[name] = given?.origin ?? "default";
  }
  return { settings: settings as Settings, origins };
}

/** A function of this process is nothing that a worker could call. */
function refuseWorkerHooks({ hooks = {} }: Layer): void {
  const name = WORKER_HOOKS.find((name) => hooks[name] !== undefined);
  if (name === undefined) return;
  throw new ConfigError(
    `Cannot use ${name} from serve(): it runs in workers, which load it from a file; put it into corn.config.ts`,
  );
}

function resolveHooks(
  layers: readonly Layer[],
): { hooks: Hooks; origins: Record<string, string> } {
  const hooks: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const name of HOOKS) {
    const given = layers.find((layer) => layer.hooks?.[name])?.hooks?.[name];
    if (given === undefined) continue;
    hooks[name] = given.value;
    origins[name] = given.origin;
  }
  return { hooks: hooks as Hooks, origins };
}

function pick(layers: readonly Layer[], name: SettingName): Given | undefined {
  return layers.find(({ values }) => values[name] !== undefined)?.values[name];
}

function renamed({ app, values }: Layer, origin: string): Layer {
  const entries = Object.entries(values).map((
    [name, { value }],
  ) => [name, { value, origin }]);
  return { app, values: Object.fromEntries(entries) };
}
