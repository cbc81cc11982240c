/** Where Node keeps the code that it has compiled, for the next process that loads the same. */
import { splitWords } from "../split.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const FLAG = "--compile-cache";
/** Shorter, it could stand for another flag. */
const SHORTEST = "--compi";

/** Variables that decide it for Node itself. */
const DECIDED = ["NODE_COMPILE_CACHE", "NODE_DISABLE_COMPILE_CACHE"];

export interface CacheQuery {
  /** The setting: `auto`, `off` or an absolute path. */
  readonly setting: string;
  readonly env: Environment;
  /** The user of this process. */
  readonly uid: number;
  /** The user that loads the code, and so alone may write it. */
  readonly user?: number;
}

/**
 * The folder of a user, each of whom has one of their own: it runs what is in
 * there. Undefined where there is to be none, or Node was told by a variable.
 */
export function compileCacheFolder(
  { setting, env, uid, user = uid }: CacheQuery,
): string | undefined {
  if (DECIDED.some((name) => env[name])) return undefined;
  const base = setting === "auto" ? usualFolder(env, uid) : setting;
  return base?.startsWith("/")
    ? `${base.replace(/\/+$/, "")}/${user}`
    : undefined;
}

/** Of the machine for root, which goes by no HOME: sudo may leave another's. Else of the user. */
function usualFolder(
  { XDG_CACHE_HOME, HOME }: Environment,
  uid: number,
): string | undefined {
  if (uid === 0) return "/var/cache/corn";
  if (XDG_CACHE_HOME?.startsWith("/")) return `${XDG_CACHE_HOME}/corn`;
  return HOME?.startsWith("/") ? `${HOME}/.cache/corn` : undefined;
}

/**
 * What command line and environment say of the setting, before anything that
 * could read them properly is loaded: that is what the folder is for.
 */
export function givenCompileCache(
  args: readonly string[],
  env: Environment,
): string {
  return flagOf(args) ?? flagOf(splitAny(env.CORN_CMD_ARGS)) ??
    (env.CORN_COMPILE_CACHE || "auto");
}

function flagOf(args: readonly string[]): string | undefined {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  const at = words.findLastIndex((word) => isFlag(word.split("=", 1)[0] ?? ""));
  const [, value] = /^[^=]*=(.*)$/s.exec(words[at] ?? "") ?? [];
  return at === -1 ? undefined : value ?? words[at + 1];
}

function isFlag(word: string): boolean {
  return word.length >= SHORTEST.length && FLAG.startsWith(word);
}

function splitAny(text: string | undefined): string[] {
  try {
    return text?.includes(SHORTEST) ? splitWords(text) : [];
  } catch {
    return []; // It is refused where it is read in full.
  }
}
