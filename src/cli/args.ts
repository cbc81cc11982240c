import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import {
  flagOf,
  type SettingName,
  settingNames,
  settingOf,
} from "../config/settings.ts";
import { didYouMean } from "../config/nearest.ts";
import { quote } from "../config/refusal.ts";
import { orList } from "../config/scalars.ts";
import type { Given, Layer } from "../config/types.ts";
import { problemOf, valueTypes } from "../config/values.ts";
import {
  SecondArgumentError,
  together,
  UnknownFlagError,
  UsageError,
} from "../errors.ts";
import type { ConfigError } from "../errors.ts";
import { splitWords } from "../config/split.ts";

/** What a command line says. Values are as they were written; origins are the flags used. */
export interface ParsedArguments extends Layer {
  /** `--help` is given. */
  readonly help: boolean;
  /** `--version` is given. */
  readonly version: boolean;
}

/** What a long flag does: gives a setting, takes it back (`--no-x`), or is one of corn's own. */
interface Flag {
  readonly target: SettingName | "help" | "version";
  readonly short?: string | undefined;
  readonly type: "string" | "boolean";
  readonly negative?: boolean;
}

const flags = allFlags();

/**
 * Reads a command line. Long flags may be cut short where that leaves no doubt.
 *
 * @throws UsageError
 */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  return parse(argv, "");
}

/** Reads the variable `CORN_CMD_ARGS`, which holds flags as one would type them. @throws UsageError */
export function parseCommandArgs(text: string | undefined): ParsedArguments {
  return parse(splitWords(text ?? ""), " from CORN_CMD_ARGS");
}

function parse(argv: readonly string[], source: string): ParsedArguments {
  const values: { [Name in SettingName]?: Given } = {};
  const own = { help: false, version: false };
  let app: string | undefined;
  const refused: UsageError[] = [];
  const attempt = <Value>(run: () => Value): Value | undefined => {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      refused.push(error);
      return undefined;
    }
  };
  const { tokens } = parseArgs({
    args: fullFlags(
      argv,
      (given) => attempt(() => fullName(given, source)) ?? given,
    ),
    options: Object.fromEntries(
      [...flags].map((
        [name, { type, short }],
      ) => [name, short ? { type, short } : { type }]),
    ) as ParseArgsOptionsConfig,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") {
      // It may be the value of a flag that is not known.
      if (refused.length > 0) continue;
      if (app !== undefined) {
        const word = /^\d+$/.test(token.value)
          ? `, a port is --bind :${token.value}`
          : "";
        throw new SecondArgumentError(
          `Cannot use argument ${
            quote(token.value)
          }${source}: the app is already "${app}"${word}`,
          { first: app, second: token.value },
        );
      }
      app = token.value;
    } else if (token.kind === "option") {
      const flag = flags.get(token.name);
      if (flag === undefined) {
        // Long ones are refused already.
        if (!token.rawName.startsWith("--")) {
          refused.push(unknown(token.rawName, source));
        }
        continue;
      }
      const value = attempt(() => valueOf(flag, token, source));
      if (value === undefined) continue;
      if (flag.target === "help" || flag.target === "version") {
        own[flag.target] = true;
      } else {values[flag.target] = added(values[flag.target], {
          value,
          origin: token.rawName,
        }, flag);}
    }
  }
  // Nothing else would tell of bad values beside a flag that is refused.
  if (refused.length > 0) throw together([...refused, ...badValues(values)]);
  return { app, values, ...own };
}

function badValues(values: Layer["values"]): ConfigError[] {
  return settingNames.flatMap((name) => {
    const given = values[name];
    const problem = given && problemOf(name, given);
    return problem ?? [];
  });
}

/** Every long flag, without its dashes. */
function allFlags(): ReadonlyMap<string, Flag> {
  const all = new Map<string, Flag>();
  for (const target of settingNames) {
    const { short, aliases = [], type } = settingOf(target);
    const kind = valueTypes[type].optional ? "boolean" : "string";
    const name = flagOf(target).slice(2);
    all.set(name, { target, short, type: kind });
    for (const alias of aliases) all.set(alias, { target, type: kind });
    if (kind === "boolean") {
      all.set(`no-${name}`, { target, type: kind, negative: true });
    }
  }
  all.set("help", { target: "help", short: "h", type: "boolean" });
  all.set("version", { target: "version", short: "v", type: "boolean" });
  return all;
}

/** Writes out the flags that were cut short; parseArgs must know each one to see what its value is. */
function fullFlags(
  argv: readonly string[],
  fullName: (given: string) => string,
): string[] {
  const full: string[] = [];
  for (const [index, arg] of argv.entries()) {
    if (arg === "--") return [...full, ...argv.slice(index)];
    if (!arg.startsWith("--") || takesWords(full.at(-1))) full.push(arg);
    else {
      const [given] = arg.split("=", 1) as [string];
      const name = fullName(given.slice(2));
      full.push(`--${name}${arg.slice(given.length)}`);
    }
  }
  return full;
}

/** True for a flag whose value stands behind it and may begin with dashes. */
function takesWords(flag = ""): boolean {
  const target = flags.get(flag.slice(2))?.target;
  return flag.startsWith("--") && isSetting(target) && readsWords(target);
}

function isSetting(target: Flag["target"] | undefined): target is SettingName {
  return target !== undefined && target !== "help" && target !== "version";
}

function readsWords(name: SettingName): boolean {
  return valueTypes[settingOf(name).type].words === true;
}

function fullName(given: string, source: string): string {
  if (flags.has(given)) return given;
  const matches = new Map<string, string>();
  for (const [name, { target, negative }] of flags) {
    const key = `${target} ${negative ?? false}`;
    // An alias is no second meaning.
    if (given !== "" && name.startsWith(given) && !matches.has(key)) {
      matches.set(key, name);
    }
  }
  const names = [...matches.values()];
  if (names.length === 0) throw unknown(`--${given}`, source);
  if (names.length === 1) return names[0]!;
  throw new UsageError(
    `Cannot use flag "--${given}"${source}: it may mean ${
      orList(names.map((name) => `--${name}`))
    }`,
  );
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function valueOf(
  flag: Flag,
  token: OptionToken,
  source: string,
): string | boolean {
  const { rawName, value, inlineValue } = token;
  if (flag.type === "boolean") {
    if (value === undefined) return !flag.negative;
    if (!flag.negative && flag.target !== "help" && flag.target !== "version") {
      return value;
    }
    throw new UsageError(
      `Cannot use flag "${rawName}=${value}"${source}: it takes no value`,
    );
  }
  // What begins with a dash is the next flag, unless it is a number or stands for a stream.
  if (
    value !== undefined &&
    (inlineValue || takesWords(rawName) || !/^-[^\d.]/.test(value))
  ) {
    return value;
  }
  const choices = isSetting(flag.target) && settingOf(flag.target).choices;
  const hint = choices
    ? `: ${orList(choices)}`
    : value === undefined
    ? ""
    : `, write ${rawName}=VALUE for one that begins with a dash`;
  throw new UsageError(
    `Cannot use flag "${rawName}"${source}: it needs a value${hint}`,
  );
}

/** Lists grow with each flag; elsewhere the last one counts. */
function added(before: Given | undefined, now: Given, flag: Flag): Given {
  const { type } = settingOf(flag.target as SettingName);
  const { list, words } = valueTypes[type];
  if (!list) return now;
  const more = words ? splitWords(now.value as string) : [now.value];
  return {
    value: [...(before?.value as string[] ?? []), ...more],
    origin: now.origin,
  };
}

function unknown(given: string, source: string): UnknownFlagError {
  const hint = given.startsWith("--")
    ? didYouMean(given, [...flags.keys()].map((name) => `--${name}`))
    : "";
  return new UnknownFlagError(given, source, `no such flag${hint}`);
}
