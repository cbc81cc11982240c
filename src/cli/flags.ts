/** The flags of the command line. */
import { didYouMean } from "../base/nearest.ts";
import { orList } from "../config/values/scalars.ts";
import {
  flagOf,
  type SettingName,
  settingNames,
  settingOf,
} from "../config/table/settings.ts";
import { valueTypes } from "../config/table/values.ts";
import { UnknownFlagError, UsageError } from "../base/errors.ts";

/** What a long flag does: gives a setting, takes it back (`--no-x`), or is one of corn's own. */
export interface Flag {
  readonly target: SettingName | "help" | "version";
  readonly short?: string | undefined;
  readonly type: "string" | "boolean";
  readonly negative?: boolean;
  /** What a negative flag stands for, where that is not false. */
  readonly value?: string;
}

/** Every long flag, without its dashes. */
export const flags: ReadonlyMap<string, Flag> = allFlags();

function allFlags(): ReadonlyMap<string, Flag> {
  const all = new Map<string, Flag>();
  for (const target of settingNames) {
    const { short, aliases = [], type, off } = settingOf(target);
    const kind = valueTypes[type].optional ? "boolean" : "string";
    const name = flagOf(target).slice(2);
    all.set(name, { target, short, type: kind });
    for (const alias of aliases) all.set(alias, { target, type: kind });
    if (off !== undefined) {
      all.set(`no-${name}`, {
        target,
        type: "boolean",
        negative: true,
        value: off,
      });
    } else if (kind === "boolean") {
      all.set(`no-${name}`, { target, type: kind, negative: true });
    }
  }
  all.set("help", { target: "help", short: "h", type: "boolean" });
  all.set("version", { target: "version", short: "v", type: "boolean" });
  return all;
}

/** True for a flag whose value stands behind it and may begin with dashes. */
export function takesWords(flag = ""): boolean {
  const target = flags.get(flag.slice(2))?.target;
  return flag.startsWith("--") && isSetting(target) && readsWords(target);
}

/** True for a flag that gives a setting. */
export function isSetting(
  target: Flag["target"] | undefined,
): target is SettingName {
  return target !== undefined && target !== "help" && target !== "version";
}

function readsWords(name: SettingName): boolean {
  return valueTypes[settingOf(name).type].words === true;
}

/** What would be a flag cut short, but is a word of other servers for something else. */
const ELSEWHERE: readonly string[] = ["tls", "cert", "ca"];

/** A flag that may be cut short, in full. @throws UsageError where it is none, or may be several */
export function fullName(given: string, source: string): string {
  if (flags.has(given)) return given;
  if (ELSEWHERE.includes(given)) throw unknown(`--${given}`, source);
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

/** Why a flag is refused that is none. */
export function unknown(given: string, source: string): UnknownFlagError {
  const hint = given.startsWith("--")
    ? didYouMean(given, [...flags.keys()].map((name) => `--${name}`))
    : "";
  return new UnknownFlagError(given, source, `no such flag${hint}`);
}
