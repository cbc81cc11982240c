import { maskSecrets } from "../../base/secrets.ts";
import { parseAccessFormat, parseSkipRules } from "../values/access-log.ts";
import { ConfigError } from "../../base/errors.ts";
import { nameTarget } from "../../outbox/receiver.ts";
import {
  formatCertificate,
  parseCertificates,
} from "../values/certificates.ts";
import { formatFolder, parseFolders } from "../values/folders.ts";
import { formatAddress, formatBind } from "../values/address.ts";
import { formatEndpoint, parseEndpoint } from "../values/endpoint.ts";
import {
  joinWords,
  parseAddresses,
  parseChoices,
  parseDurations,
  parseNetworks,
  parseOwnAddress,
  parsePairs,
  parsePaths,
  parsePorts,
  parseWords,
} from "../values/lists.ts";
import { formatRange, parseRange } from "../values/range.ts";
import { parseTarget } from "../values/receiver.ts";
import { quote, Refusal } from "../../base/refusal.ts";
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
} from "../values/scalars.ts";
import type { Setting } from "../values/setting.ts";
import type { TypeMap, TypeName } from "../values/type-map.ts";
import { type SettingName, settingOf } from "./settings.ts";
import type { Given, Settings } from "./types.ts";

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
  range: {
    metavar: "COUNT|MIN..MAX",
    parse: parseRange,
    format: formatRange,
  },
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
    format: (addresses) => addresses.map(formatBind).join(","),
  },
  address: {
    metavar: "ADDRESS",
    parse: parseOwnAddress,
    format: formatAddress,
  },
  networks: {
    metavar: "NETWORK",
    list: true,
    parse: parseNetworks,
    format: (networks) => networks.join(","),
  },
  durations: {
    metavar: "SECONDS",
    list: true,
    parse: parseDurations,
    format: (durations) => durations.join(","),
  },
  ports: {
    metavar: "PORT",
    list: true,
    parse: parsePorts,
    format: (ports) => ports.join(","),
  },
  paths: {
    metavar: "PATH",
    list: true,
    parse: parsePaths,
    format: (paths) => paths.join(" "),
  },
  folders: {
    metavar: "DIR",
    list: true,
    parse: parseFolders,
    format: (folders) => folders.map(formatFolder).join(" "),
  },
  certificates: {
    metavar: "NAME=CERT",
    list: true,
    parse: parseCertificates,
    format: (certificates) => certificates.map(formatCertificate).join(" "),
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
    const value = maskSecrets(quote(error.part ?? given.value));
    throw new ConfigError(
      `Cannot use ${name} ${value} from ${given.origin}: ${error.message}`,
    );
  }
}

/** Why a value cannot be used; undefined where it can. */
export function problemOf(
  name: SettingName,
  given: Given,
): ConfigError | undefined {
  try {
    parseValue(name, given);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** A setting's value where none is given. */
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
