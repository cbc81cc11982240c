/** The command: from the arguments to an exit code. */
import { checkApp } from "../arbiter/workers/check.ts";
import type { EarlySignals } from "../arbiter/host/early-signals.ts";
import type { Names } from "../arbiter/generations/names.ts";
import { printConfig } from "../config/print.ts";
import type { Config } from "../config/table/types.ts";
import { CornError, together, UsageError } from "../base/errors.ts";
import { stackOf } from "../base/stack.ts";
import { configOfPool } from "../plan/tasks.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { VERSION } from "../base/version.ts";
import { parseArguments, parseCommandArgs } from "./args.ts";
import type { ParsedArguments } from "./args.ts";
import {
  checkDaemon,
  goesToBackground,
  reportReady,
  startInBackground,
  takeWaiting,
} from "./daemon.ts";
import { isCommand, OTHER_COMMANDS } from "../control/commands/words.ts";
import { explain } from "../launch/explain.ts";
import { isLogged, launch } from "../launch/launch.ts";
import { enterFolder, readFirst } from "../launch/sources.ts";
import type { Program } from "../launch/sources.ts";
import { tidyAfter } from "../launch/tidy.ts";
import { describeUnread } from "../launch/unread.ts";
import { usage } from "./usage.ts";

/**
 * Runs the command line and gives its exit code; the one place that turns a
 * failure into one. `early` holds signals back since before this was loaded.
 */
export async function runCommand(
  program: Program,
  early: EarlySignals,
): Promise<number> {
  const { runtime } = program;
  const awaited = takeWaiting(runtime);
  try {
    return await run(program, early, awaited);
  } catch (error) {
    // Standard error is the log in the background.
    if (!(awaited && isLogged(error))) {
      for (const one of partsOf(await explain(error))) {
        runtime.self.stderr.write(`corn: ${describeFailure(one)}\n`);
      }
    }
    return error instanceof CornError ? error.exitCode : 1;
  }
}

/** `awaited` in an arbiter that was started in the background. */
async function run(
  program: Program,
  early: EarlySignals,
  awaited: boolean,
): Promise<number> {
  const { self } = program.runtime;
  const answered = await runWord(program, early);
  if (answered !== undefined) return whole(self, answered);
  const variable = self.env().CORN_CMD_ARGS;
  const flags = parseFlags(self.args, variable);
  if (flags.help) return print(self, usage(VERSION));
  if (flags.version) return print(self, `corn ${VERSION}`);
  const sources = { flags, commandArgs: parseCommandArgs(variable) };
  const first = await readFirst(program, sources);
  const { config, names } = first;
  const { printConfig: shown, checkConfig: checked, chdir } = config.settings;
  if (shown || checked) {
    for (const line of describeUnread(config, program.runtime)) {
      self.stderr.write(`corn: ${line}\n`);
    }
  }
  if (shown) print(self, printConfig(config));
  if (checked) {
    if (chdir !== undefined) enterFolder(chdir, self);
    await check(program, config, names);
    self.stderr.write("corn: config and app are fine\n");
  }
  if (shown || checked) return whole(self, 0);
  if (!awaited && goesToBackground(config, program.runtime)) {
    early.close();
    checkDaemon(config, program.runtime);
    return await startInBackground(config, program.runtime);
  }
  const { arbiter, done } = await launch(program, {
    ...sources,
    early,
    first,
  });
  if (awaited) reportReady(arbiter, program.runtime);
  const serving = arbiter.milestones.whole;
  void serving.then(() => program.runtime.saveCompiled?.(), () => {});
  const tidying = tidyAfter(serving, program.runtime);
  return await done.finally(() => tidying.close());
}

/** Runs what the first word asks for; undefined where it is the app. */
async function runWord(
  program: Program,
  early: EarlySignals,
): Promise<number | undefined> {
  const { runtime } = program;
  const { args } = runtime.self;
  if (isCommand(args)) {
    early.close();
    const { runOrder } = await import("../control/commands/run.ts");
    return await runOrder(runtime, args);
  }
  const [word = "", ...rest] = args;
  if (!Object.hasOwn(OTHER_COMMANDS, word)) return undefined;
  early.close();
  switch (word) {
    case "make":
      return await (await import("./make.ts")).runMake(rest, program);
    case "completion":
      return await (await import("./completion.ts")).runCompletion(
        rest,
        runtime,
      );
    default:
      return await (await import("./help.ts")).runHelp(rest, program);
  }
}

/** Reads the command line; where it is refused, what else stands in the variable is told with it. @throws UsageError */
function parseFlags(
  args: readonly string[],
  variable: string | undefined,
): ParsedArguments {
  try {
    return parseArguments(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    try {
      parseCommandArgs(variable);
    } catch (more) {
      if (more instanceof UsageError) throw together([error, more]);
    }
    throw error;
  }
}

/** Tells all that a start would refuse. @throws CornError */
async function check(
  { runtime }: Program,
  config: Config,
  names: Names,
): Promise<void> {
  const { findRefusals } = await import("./preflight.ts");
  const refused = await findRefusals(config, runtime, names);
  const configs = [
    config,
    ...config.tasks.map((pool) => configOfPool(config, pool, "/nowhere")),
  ];
  for (const config of configs) {
    try {
      await checkApp({ runtime, config, names });
    } catch (error) {
      if (!(error instanceof CornError)) throw error;
      refused.push(error);
    }
  }
  if (refused.length > 0) throw together(refused);
}

function print(
  { stdout }: Pick<Runtime["self"], "stdout">,
  text: string,
): number {
  stdout.write(`${text.trimEnd()}\n`);
  return whole({ stdout }, 0);
}

/** The exit code where all was printed; a reader that has left has what it wanted. @throws CornError where a file did not take it */
function whole({ stdout }: Pick<Runtime["self"], "stdout">, code: number) {
  if (code !== 0 || !stdout.failed) return code;
  throw new CornError(
    "Cannot write to standard output: not all of the answer is there, its disk may be full",
  );
}

function partsOf(error: unknown): readonly unknown[] {
  return error instanceof CornError && error.parts.length > 0
    ? error.parts
    : [error];
}

/** One line for what corn foresaw, the stack for what it did not. */
function describeFailure(error: unknown): string {
  if (!(error instanceof CornError)) {
    return `Failed unexpectedly\n${stackOf(error)}`;
  }
  return error.message;
}
