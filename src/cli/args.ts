import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { quote } from "../base/refusal.ts";
import { orList } from "../config/values/scalars.ts";
import {
  type SettingName,
  settingNames,
  settingOf,
} from "../config/table/settings.ts";
import { splitWords } from "../base/split.ts";
import type { Given, Layer } from "../config/table/types.ts";
import { problemOf, valueTypes } from "../config/table/values.ts";
import { SecondArgumentError, together, UsageError } from "../base/errors.ts";
import type { ConfigError } from "../base/errors.ts";
import { flags, fullName, isSetting, takesWords, unknown } from "./flags.ts";
import type { Flag } from "./flags.ts";

/** What a command line says. Values are as they were written; origins are the flags used. */
export interface ParsedArguments extends Layer {
  /** `--help` is given. */
  readonly help: boolean;
  /** `--version` is given. */
  readonly version: boolean;
}

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
    if (value === undefined) return flag.value ?? !flag.negative;
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
