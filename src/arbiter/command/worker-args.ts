/** Arguments for the workers' runtime, from `--worker-args`. */
import { quote } from "../../base/refusal.ts";
import { ConfigError } from "../../base/errors.ts";
import type { RuntimeName } from "../../runtime/runtime.ts";

/** What corn does itself, and what to give instead. */
const INSTEAD: readonly (readonly [RegExp, string])[] = [
  [
    /^--inspect/,
    "every worker would open it, leave it to corn's own --inspect",
  ],
  [/^--(watch|hot)/, "corn restarts workers itself, give --reload"],
  [/^--$/, "corn's own module follows"],
];

/** What makes a runtime do something else than run a worker. */
const OTHER: Readonly<Record<RuntimeName, RegExp>> = {
  node:
    /^(-[cehipv]|--(check|eval|help|interactive|print|run|test|version)(=.*)?)$/,
  bun: /^(-[ehpv]|--(eval|help|print|revision|version)(=.*)?)$/,
  deno: /^(-[hV]|--(help|version)(=.*)?)$/,
};

/** Deno's permissions that grant: with any of them not everything is granted. */
const GRANTS = /^(--allow-(?!import)|-[ARWNES](=|$)|-P|--permission-set)/;

/**
 * Refuses what no worker can be started with. What the runtime alone can tell,
 * such as a flag that it does not know, shows when the first worker starts.
 *
 * @throws ConfigError
 */
export function checkWorkerArgs(
  args: readonly string[],
  { runtime, origin }: { runtime: RuntimeName; origin: string },
): void {
  const refuse = (word: string, reason: string) => {
    throw new ConfigError(
      `Cannot use workerArgs ${quote(word)} from ${origin}: ${reason}`,
    );
  };
  const [first] = args;
  // Behind a flag it may be that flag's value.
  if (first !== undefined && !first.startsWith("-")) {
    refuse(
      first,
      `${runtime} would take it for the program, begin with a dash`,
    );
  }
  for (const word of args) {
    const found = INSTEAD.find(([pattern]) => pattern.test(word));
    if (found !== undefined) refuse(word, found[1]);
    if (OTHER[runtime].test(word)) {
      refuse(word, `${runtime} would do that instead of running a worker`);
    }
  }
}

/** Where Deno takes packages from, which is the workers' business too. */
const HANDED = /^--(node-modules-dir|cached-only|no-remote|no-npm)(=.*)?$/;

/** The flags of the arbiter's Deno that its workers get, but for those that are given to them otherwise. */
export function handedFlags(
  command: readonly string[],
  given: readonly string[],
): string[] {
  const nameOf = (word: string) => word.split("=", 1)[0];
  const names = new Set(given.map(nameOf));
  return command.filter((word) =>
    HANDED.test(word) && !names.has(nameOf(word))
  );
}

/** True where the arguments say what a worker on Deno may do, so that it may not do all. */
export function grants(args: readonly string[]): boolean {
  return args.some((word) => GRANTS.test(word));
}
