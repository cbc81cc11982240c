import { parseAccessFormat, parseSkipRules } from "./access-log.ts";
import { ConfigError } from "../errors.ts";
import { nameTarget, type Target } from "../push/receiver.ts";
import { type Bind, formatAddress } from "./address.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "./endpoint.ts";
import {
  joinWords,
  parseAddresses,
  parseChoices,
  parseNetworks,
  parsePairs,
  parsePaths,
  parseWords,
} from "./lists.ts";
import { parseTarget } from "./receiver.ts";
import { quote, Refusal } from "./refusal.ts";
import {
  formatOctal,
  formatSize,
  parseBoolean,
  parseChoice,
  parseCount,
  parseDuration,
  parseOctal,
  parsePath,
  parseSize,
  parseString,
  parseUrlPath,
} from "./scalars.ts";
import type { Setting } from "./setting.ts";
import { type SettingName, settingOf } from "./settings.ts";
import type { Given, Settings } from "./types.ts";

/**
 * From the name of a value type to what a setting of it holds.
 *
 * @internal
 */
export interface TypeMap {
  /** On or off. */
  boolean: boolean;
  /** A whole number. */
  count: number;
  /** Seconds. */
  duration: number;
  /** Bytes. */
  size: number;
  /** Permission bits. */
  octal: number;
  /** One of the entry's words. */
  choice: string;
  /** A file or folder. */
  path: string;
  /** A path of URLs, empty or with a slash in front. */
  urlPath: string;
  /** Any text. */
  string: string;
  /** Some of the entry's words. */
  choices: readonly string[];
  /** Files, folders or patterns for files. */
  paths: readonly string[];
  /** Where a debugger attaches, undefined where it is off. */
  endpoint: Endpoint | undefined;
  /** Words of a command line. */
  words: readonly string[];
  /** How lines of the access log are written. */
  accessFormat: string;
  /** What the access log leaves out. */
  skipRules: readonly string[];
  /** Addresses to listen on. */
  addresses: readonly Bind[];
  /** Addresses and networks of peers. */
  networks: readonly string[];
  /** Environment variables. */
  pairs: Readonly<Record<string, string>>;
  /** Where messages are sent to. */
  receiver: Target;
}

/**
 * From the name of a value type to what a config file may write for it.
 *
 * @internal
 */
export interface InputMap {
  /** On or off. */
  boolean: boolean;
  /** A whole number. */
  count: number | `${number}`;
  /** Seconds, or text with a unit: `200ms`, `1.5s`, `2m`, `1h`. */
  duration: number | `${number}` | `${number}${"ms" | "s" | "m" | "h"}`;
  /** Bytes, or text with a unit: `64k`, `512m`, `1.5g`. */
  size: number | string;
  /** Permission bits: a number as it is, text as octal. */
  octal: number | string;
  /** One of the entry's words. */
  choice: string;
  /** A file or folder. */
  path: string;
  /** A path of URLs. */
  urlPath: string;
  /** Any text. */
  string: string;
  /** Some of the entry's words; a text may be a list with commas. */
  choices: string | readonly string[];
  /** One file or pattern, or many. */
  paths: string | readonly string[];
  /** On or off, a port, or `HOST:PORT`. */
  endpoint: boolean | number | string;
  /** A list of words, each as it is, or text that is split into words as a shell does. */
  words: string | readonly string[];
  /** A preset's name, or text with atoms. */
  accessFormat: string;
  /** One rule, or many. */
  skipRules: string | readonly string[];
  /** Addresses to listen on; each text may be a list with commas. */
  addresses: string | readonly string[];
  /** Addresses and networks of peers; each text may be a list with commas. */
  networks: string | readonly string[];
  /** Environment variables: `NAME=VALUE`, or an object. */
  pairs:
    | readonly string[]
    | Readonly<Record<string, string | number | boolean>>;
  /** Where messages are sent to: `udp://HOST:PORT`, `unix:///PATH`. */
  receiver: string;
}

/** The name of a value type. */
export type TypeName = keyof TypeMap;

/** How values of one type are read and shown. */
export interface ValueType<Value> {
  /** What stands for the value in `--help`. */
  readonly metavar: string;
  /** True where repeated flags add up; elsewhere the last one counts. */
  readonly list?: boolean;
  /** True where a flag's text is words of a command line, which may begin with a dash. */
  readonly words?: boolean;
  /** True where the flag may stand without a value, as a boolean's. */
  readonly optional?: boolean;
  /** Reads a flag's or variable's text, or a config file's value. @throws Refusal */
  parse(value: unknown, setting: Setting): Value;
  /** Writes a value for people to read. */
  format(value: Value): string;
}

/** All value types; a new one needs a line here, in `TypeMap` and in `InputMap`. */
export const valueTypes: {
  readonly [Type in TypeName]: ValueType<TypeMap[Type]>;
} = {
  boolean: {
    metavar: "BOOLEAN",
    optional: true,
    parse: parseBoolean,
    format: String,
  },
  count: { metavar: "COUNT", parse: parseCount, format: String },
  duration: { metavar: "SECONDS", parse: parseDuration, format: String },
  size: { metavar: "BYTES", parse: parseSize, format: formatSize },
  octal: { metavar: "OCTAL", parse: parseOctal, format: formatOctal },
  choice: { metavar: "WORD", parse: parseChoice, format: String },
  path: { metavar: "PATH", parse: parsePath, format: String },
  urlPath: { metavar: "PATH", parse: parseUrlPath, format: String },
  string: { metavar: "TEXT", parse: parseString, format: String },
  receiver: {
    metavar: "ADDRESS",
    parse: parseTarget,
    format: nameTarget,
  },
  choices: {
    metavar: "WORD",
    list: true,
    parse: parseChoices,
    format: (words) => words.join(","),
  },
  accessFormat: {
    metavar: "FORMAT",
    parse: parseAccessFormat,
    format: String,
  },
  skipRules: {
    metavar: "RULE",
    list: true,
    parse: parseSkipRules,
    format: (rules) => rules.join(", "),
  },
  addresses: {
    metavar: "ADDRESS",
    list: true,
    parse: parseAddresses,
    format: (addresses) => addresses.map(formatAddress).join(","),
  },
  networks: {
    metavar: "NETWORK",
    list: true,
    parse: parseNetworks,
    format: (networks) => networks.join(","),
  },
  paths: {
    metavar: "PATH",
    list: true,
    parse: parsePaths,
    format: (paths) => paths.join(" "),
  },
  endpoint: {
    metavar: "[HOST:]PORT",
    optional: true,
    parse: parseEndpoint,
    format: formatEndpoint,
  },
  words: {
    metavar: "ARGS",
    list: true,
    words: true,
    parse: parseWords,
    format: joinWords,
  },
  pairs: {
    metavar: "NAME=VALUE",
    list: true,
    parse: parsePairs,
    format: (pairs) =>
      Object.entries(pairs).map((pair) => pair.join("=")).join(" "),
  },
};

/** Reads a setting's value. @throws ConfigError naming the setting, the value and its origin */
export function parseValue<Name extends SettingName>(
  name: Name,
  given: Given,
): Settings[Name] {
  const setting = settingOf(name);
  try {
    return valueTypes[setting.type].parse(
      given.value,
      setting,
    ) as Settings[Name];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const value = quote(error.part ?? given.value);
    throw new ConfigError(
      `Cannot use ${name} ${value} from ${given.origin}: ${error.message}`,
    );
  }
}

/** A setting's value where nobody gives one. */
export function defaultOf<Name extends SettingName>(
  name: Name,
): Settings[Name] {
  const value = settingOf(name).default;
  if (value === undefined) return undefined as Settings[Name];
  return parseValue(name, { value, origin: "default" });
}

/** Writes a setting's value for people to read; empty where it is unset. */
export function formatValue<Name extends SettingName>(
  name: Name,
  value: Settings[Name],
): string {
  if (value === undefined) return "";
  return (valueTypes[settingOf(name).type] as ValueType<unknown>).format(value);
}
