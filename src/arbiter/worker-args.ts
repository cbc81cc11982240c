/** Arguments for the workers' runtime, from `--worker-args`. */
import { quote } from "../config/refusal.ts";
import { ConfigError } from "../errors.ts";
import type { RuntimeName } from "../runtime.ts";

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

/** True where the arguments say what a worker on Deno may do, so that it may not do all. */
export function grants(args: readonly string[]): boolean {
  return args.some((word) => GRANTS.test(word));
}
