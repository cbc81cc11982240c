import type { HookName } from "../../hooks/names.ts";
import type { Hooks } from "../../hooks/types.ts";
import type { LoggerObject } from "../../log/error/user-logger.ts";
import type { RuntimeName } from "../../runtime/runtime.ts";
import type { AppSpec } from "../values/app-spec.ts";
import type { SettingName, SettingsTable } from "./settings.ts";
import type { TaskPool, TaskPoolInput } from "../values/tasks.ts";
import type { InputMap, TypeMap } from "../values/type-map.ts";

/** The words that a count's entry allows besides a number. */
export type WordsOf<Entry> = Entry extends { words: readonly (infer Word)[] }
  ? Word
  : never;

/** Undefined where an entry has no default. */
export type UnsetOf<Entry> = Entry extends { default: undefined } ? undefined
  : never;

/**
 * What a setting holds, from its entry and the map of value types.
 *
 * @internal
 */
export type ValueOf<Entry, Map> = Entry extends
  { type: "choice"; choices: readonly (infer Choice)[] } ? Choice
  : Entry extends { type: infer Type extends keyof Map }
    ? Map[Type] | WordsOf<Entry> | UnsetOf<Entry>
  : never;

/**
 * The name of a setting that a config file may give.
 *
 * @internal
 */
export type FileSettingName = {
  [Name in SettingName]: SettingsTable[Name] extends { inFile: false } ? never
    : Name;
}[SettingName];

/** The value of every setting, checked and complete. Durations are seconds. */
export type Settings = {
  readonly [Name in SettingName]: ValueOf<SettingsTable[Name], TypeMap>;
};

/** What a config file exports: any settings, hooks, and the app. `serve()` takes it too, without the hooks of workers. */
export type CornConfig =
  & Hooks
  & {
    readonly [Name in FileSettingName]?: ValueOf<SettingsTable[Name], InputMap>;
  }
  & {
    /** The app: `app.ts`, `app.ts:name` or `app.ts:create({"debug":true})`. */
    readonly app?: string;
    /** Takes the log over: pino's, LogTape's, or any object with such methods. */
    readonly logger?: LoggerObject;
    /** Pools of processes for work beside requests, by their names. */
    readonly tasks?: Readonly<Record<string, TaskPoolInput>>;
  };

/** What a config file's function is called with. */
export interface ConfigContext {
  /** The runtime that reads the file. */
  readonly runtime: RuntimeName;
  /** The environment corn was started with. */
  readonly env: Readonly<Record<string, string>>;
}

/** A config file may export a function instead of an object. */
export type ConfigFunction = (
  context: ConfigContext,
) => CornConfig | Promise<CornConfig>;

/** A setting's value as it was given, and where. */
export interface Given {
  /** As it was given, not checked yet. */
  readonly value: unknown;
  /** Such as `--workers`, `CORN_WORKERS` or `corn.config.ts`. */
  readonly origin: string;
}

/** What one source gave: the command line, the environment, the config file. */
export interface Layer {
  /** The app, if the source names one. */
  readonly app?: string | undefined;
  /** The settings that the source gives. */
  readonly values: { readonly [Name in SettingName]?: Given };
  /** The logger that takes the log over. */
  readonly logger?: Given;
  /** The pools of tasks. */
  readonly tasks?: Given;
  /** The hooks that it gives. */
  readonly hooks?: { readonly [Name in HookName]?: Given };
}

/** All settings, resolved. */
export interface Config {
  /** Undefined where no app was named. */
  readonly app: AppSpec | undefined;
  /** The value of every setting. */
  readonly settings: Settings;
  /** Where each setting, each hook, `logger` and `app` came from: `default`, `--workers`, `CORN_WORKERS`, `corn.config.ts` … */
  readonly origins: Readonly<Record<string, string>>;
  /** What takes the log over. */
  readonly logger: LoggerObject | undefined;
  /** The hooks of the config file and of `serve()`. */
  readonly hooks: Hooks;
  /** Pools of processes for work beside requests. */
  readonly tasks: readonly TaskPool[];
  /** The one that this is the config of; left out in the app's own. */
  readonly pool?: TaskPool;
  /** The folder that relative paths start from, by the name that was given. */
  readonly folder: string;
  /** The absolute path of the config file that was read. */
  readonly file: string | undefined;
}
