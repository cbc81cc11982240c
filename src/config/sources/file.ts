import {
  ConfigError,
  messageOf,
  together,
  UnknownSettingError,
} from "../../base/errors.ts";
import { type HookName, HOOKS, isHookName } from "../../hooks/names.ts";
import { missingMethods } from "../../log/error/user-logger.ts";
import type { FileKind, RuntimeName } from "../../runtime/runtime.ts";
import { didYouMean } from "../../base/nearest.ts";
import { fileUrl, nameIn, resolvePath } from "../../base/path.ts";
import { quote } from "../../base/refusal.ts";
import {
  flagOf,
  isSettingName,
  type SettingName,
  settingNames,
  settingOf,
} from "../table/settings.ts";
import type { ConfigFunction, Given, Layer } from "../table/types.ts";

/** The config file's names, the first that exists is read. */
export const CONFIG_FILES: readonly string[] = [
  "corn.config.ts",
  "corn.config.js",
  "corn.config.mjs",
  "corn.config.json",
];

/** How long a config file may take; until then no other reload begins. */
const LOAD_MS = 30_000;

/** What reading a config file needs of the machine. */
export interface FileReader {
  readonly runtime: RuntimeName;
  readonly env: Readonly<Record<string, string>>;
  /** The number of the load, from 0 on. */
  readonly generation?: number;
  fileKind(path: string): FileKind | undefined;
  /** Where a link leads; undefined for what is none. */
  linkTarget?(path: string): string | undefined;
  /** The file that was read before, in a reload. */
  readonly before?: string | undefined;
  readText(path: string): string | undefined;
  /** See `Runtime.importAnew`. */
  importModule(url: string, time: number): Promise<Record<string, unknown>>;
  /** See `Runtime.withoutExit`; left out where the process is not corn's to keep. */
  withoutExit?<Result>(
    run: () => Promise<Result>,
    limitMs: number,
  ): Promise<Result>;
}

/** A config file: its name for people, and its absolute path. */
export interface ConfigFile {
  readonly name: string;
  readonly path: string;
}

/**
 * Finds the file to read: the one that is named, or the first of the usual
 * ones in the folder. A file that is expected there and cannot be read must
 * not leave corn with its defaults, on another address.
 *
 * @throws ConfigError
 */
export function findFile(
  reader: FileReader,
  where: { readonly folder: string; readonly named: string | undefined },
): ConfigFile | undefined {
  const { folder, named } = where;
  if (named !== undefined && /\.py$|^python:/.test(named)) {
    throw cannotLoad(
      named,
      "it is Gunicorn's, in Python; write its settings into a corn.config.ts, docs/from-gunicorn.md has the name of each",
    );
  }
  for (const name of named === undefined ? CONFIG_FILES : [named]) {
    const path = resolvePath(folder, name);
    const kind = reader.fileKind(path);
    if (kind === "file") return { name, path };
    if (kind !== undefined) throw cannotLoad(name, "it is not a file");
    const target = reader.linkTarget?.(path);
    if (target !== undefined) {
      const to = JSON.stringify(target);
      throw cannotLoad(name, `it is a link to ${to}, where there is nothing`);
    }
  }
  if (named !== undefined) throw cannotLoad(named, "no such file");
  if (reader.before === undefined) return undefined;
  throw cannotLoad(
    nameIn(reader.before),
    "it is not there any more; put it back, or start corn anew without one",
  );
}

/** Reads a config file and checks its names. @throws ConfigError */
export async function readFile(
  reader: FileReader,
  file: ConfigFile,
): Promise<Layer> {
  let content: unknown;
  try {
    content = file.path.endsWith(".json")
      ? withoutSchema(JSON.parse(textOf(reader, file)))
      : await runFile(reader, file);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const advice = reader.runtime === "node" && cause instanceof Error
      ? await adviceFor(cause, file, reader)
      : undefined;
    throw cannotLoad(file.name, advice ?? messageOf(cause), cause);
  }
  if (
    typeof content !== "object" || content === null || Array.isArray(content)
  ) {
    throw cannotLoad(
      file.name,
      `it must give an object, it gives ${quote(content)}`,
    );
  }
  return objectLayer(content, file.name);
}

/** What helps where Node would have to compile it; the arbiter reads it, which --import is not for. */
async function adviceFor(
  error: Error,
  { name }: ConfigFile,
  reader: FileReader,
): Promise<string | undefined> {
  // A deploy may have taken corn's own files away: there is no advice then.
  const loaded = await import("../../base/compile-advice.ts").catch(() => {});
  return loaded?.compileAdvice(error, {
    way:
      `write ${name} without it, or install tsx and start corn with NODE_OPTIONS="--import tsx", or on Bun or Deno`,
    files: {
      kind: (path) => reader.fileKind(path),
      readText: (path) => reader.readText(path),
    },
  });
}

/** Without the byte order mark that some editors write, which JSON may have and no parser takes (RFC 8259, 8.1). */
function textOf(reader: FileReader, { path }: ConfigFile): string {
  return reader.readText(path)?.replace(/^\uFEFF/, "") ?? "";
}

/** `$schema` is for editors: it says where corn.schema.json is. */
function withoutSchema(content: unknown): unknown {
  if (typeof content !== "object" || content === null) return content;
  if (Array.isArray(content) || !("$schema" in content)) return content;
  const { $schema: _, ...settings } = content;
  return settings;
}

/** The layer of a config object, from a file or from `serve()`. @throws ConfigError for a name that is no setting's */
export function objectLayer(content: object, origin: string): Layer {
  const values: { [Name in SettingName]?: Given } = {};
  const hooks: { [Name in HookName]?: Given } = {};
  const refused: ConfigError[] = [];
  let app: string | undefined;
  let logger: Given | undefined;
  let tasks: Given | undefined;
  for (const [name, value] of Object.entries(content)) {
    if (value === undefined) continue;
    if (name === "logger") {
      logger = loggerGiven({ value, origin });
      continue;
    }
    if (name === "tasks") {
      tasks = { value, origin };
      continue;
    }
    if (isHookName(name)) {
      hooks[name] = hookGiven(name, { value, origin });
      continue;
    }
    if (name === "app") {
      if (typeof value !== "string") {
        throw new ConfigError(
          `Cannot use app ${quote(value)} from ${origin}: give a string`,
        );
      }
      app = value;
    } else if (!isSettingName(name)) {
      const hint = didYouMean(name, [
        "app",
        "logger",
        "tasks",
        ...settingNames.filter(inFile),
        ...HOOKS,
      ]);
      refused.push(
        new UnknownSettingError(name, origin, `no such setting${hint}`),
      );
    } else if (!inFile(name)) {
      refused.push(
        new ConfigError(
          `Cannot use "${name}" from ${origin}: it is a flag only, give ${
            flagOf(name)
          }`,
        ),
      );
    } else {
      values[name] = { value, origin };
    }
  }
  if (refused.length > 0) throw together(refused);
  return {
    app,
    values,
    hooks,
    ...(logger && { logger }),
    ...(tasks && { tasks }),
  };
}

function loggerGiven({ value, origin }: Given): Given {
  const missing = missingMethods(value);
  if (missing.length === 0) return { value, origin };
  throw new ConfigError(
    `Cannot use logger ${
      quote(value)
    } from ${origin}: give an object that has ${missing.join("(), ")}()`,
  );
}

function hookGiven(name: HookName, { value, origin }: Given): Given {
  if (typeof value === "function") return { value, origin };
  throw new ConfigError(
    `Cannot use ${name} ${quote(value)} from ${origin}: give a function`,
  );
}

/** What a config file gives, whatever else it does. */
function runFile(reader: FileReader, file: ConfigFile): Promise<unknown> {
  const run = () => importFile(reader, file);
  return reader.withoutExit?.(run, LOAD_MS) ?? run();
}

async function importFile(
  reader: FileReader,
  file: ConfigFile,
): Promise<unknown> {
  if (!/\.[cm]?[jt]s$/.test(file.path)) {
    throw cannotLoad(
      file.name,
      "give a file that ends in .ts, .js, .mjs or .json",
    );
  }
  const { runtime, env, generation = 0 } = reader;
  const module = await reader.importModule(fileUrl(file.path), generation);
  if (module.default === undefined) {
    throw cannotLoad(
      file.name,
      "it has no default export, write export default { … }",
    );
  }
  return typeof module.default === "function"
    ? await (module.default as ConfigFunction)({ runtime, env })
    : module.default;
}

function inFile(name: SettingName): boolean {
  return settingOf(name).inFile !== false;
}

function cannotLoad(
  name: string,
  reason: string,
  cause?: unknown,
): ConfigError {
  return new ConfigError(
    `Cannot load config file ${JSON.stringify(name)}: ${reason}`,
    { cause },
  );
}
