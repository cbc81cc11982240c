/** From a config to a running arbiter; the command and `serve()` both come this way. */
import type { Arbiter } from "../arbiter/arbiter.ts";
import {
  readDescriptorLimit,
  warnOfDescriptorLimit,
} from "../arbiter/sockets/descriptor-limit.ts";
import { EarlySignals } from "../arbiter/host/early-signals.ts";
import { writePidfile } from "../arbiter/host/pidfile.ts";
import type { Pidfile } from "../arbiter/host/pidfile.ts";
import { reapStrangers } from "../arbiter/host/reaper.ts";
import { obeySignals } from "../arbiter/host/signals.ts";
import { watchTargets } from "../arbiter/watch/targets.ts";
import { watchFiles } from "../arbiter/watch/watch.ts";
import type { Config } from "../config/table/types.ts";
import { ConfigError, messageOf } from "../base/errors.ts";
import { stackOf } from "../base/stack.ts";
import { openErrorLog } from "../log/error/error-log.ts";
import type { ErrorLog } from "../log/error/error-log.ts";
import type { Logger } from "../log/error/logger.ts";
import { errorLogSettings } from "../plan/log.ts";
import type { Closeable, Runtime, Self } from "../runtime/runtime.ts";
import { assemble } from "./assembly.ts";
import {
  startText,
  warnOfIgnored,
  warnOfOwner,
  warnOfReady,
} from "./notices.ts";
import { describeSurroundings } from "./surroundings.ts";
import { enterFolder, readFirst } from "./sources.ts";
import type { FirstReading, Program, Sources } from "./sources.ts";

export interface LaunchOptions extends Sources {
  /** False to leave signals to the program. */
  readonly signals?: boolean;
  /** What holds signals back since before the config was read, and to the end of the process, if anything does. */
  readonly early?: EarlySignals;
  /** The config, where it was read already: a function of a config file runs once at a start. */
  readonly first?: FirstReading;
}

/** A started arbiter. */
export interface Launched {
  readonly arbiter: Arbiter;
  readonly log: ErrorLog;
  /** Resolves with the exit code when every worker is gone and nothing is left to be written. */
  readonly done: Promise<number>;
}

const NEVER = new Promise<never>(() => {});

/** Errors that the log has. */
const logged = new WeakSet<Error>();

/** True for an error of `launch` that a log file has. */
export function isLogged(error: unknown): boolean {
  return error instanceof Error && logged.has(error);
}

/** Starts an arbiter; it holds pid file and signals until it is done. @throws CornError */
export async function launch(
  program: Program,
  options: LaunchOptions,
): Promise<Launched> {
  const { runtime } = program;
  const early = options.signals === false
    ? undefined
    : options.early ?? new EarlySignals(runtime);
  const env = runtime.self.env();
  const { names, config, reread } = options.first ??
    await readFirst(program, options);
  const { settings } = config;
  const byProgram = options.options !== undefined;
  if (settings.daemon && byProgram) {
    throw new ConfigError(
      `Cannot use daemon true from ${config.origins.daemon}: serve() cannot take its program to the background, start the program there`,
    );
  }
  applyToProcess(settings, runtime.self);
  const log = openErrorLog(runtime, errorLogSettings(config, runtime));
  early?.holdEndings(log);
  if (!byProgram) runtime.onOtherEnd((code) => tellOtherEnd(code, log));
  warnOfIgnored(config, log);
  warnOfReady(config, log);
  warnOfOwner(config, runtime, log);
  let pidfile: Pidfile | undefined;
  const parts = await assemble(program, {
    byProgram,
    config,
    async reread() {
      const config = await reread();
      warnOfOwner(config, runtime, log);
      return config;
    },
    names,
    log,
    env,
    guard: guardOf(options),
    // By a link that was moved it is another one now; a program's own is its own.
    onConfig({ folder, settings }) {
      if (!byProgram || settings.chdir !== undefined) {
        runtime.self.chdir(folder);
      }
    },
    onPromoted() {
      try {
        if (settings.pid !== undefined) pidfile?.rename(settings.pid);
      } catch (error) {
        log.error(messageOf(error));
      }
    },
  });
  const { arbiter, observability } = parts;
  const held: Closeable[] = [parts];
  // The command's process ends by its exit code, whatever comes until then.
  if (early !== undefined && options.early === undefined) held.push(early);
  const release = () => {
    for (const one of held.splice(0)) one.close();
  };
  const hurried = early?.hurried ?? NEVER;
  let started = false;
  try {
    if (settings.pid !== undefined) {
      const path = parts.predecessor() === undefined
        ? settings.pid
        : `${settings.pid}.2`;
      held.push(pidfile = writePidfile(path, runtime));
    }
    await Promise.race([arbiter.starting(), hurried]);
    started = true;
    await observability.open(settings);
    const plan = early?.stopped ? undefined : await arbiter.prepare();
    if (plan === undefined || early?.stopped) {
      return { arbiter, log, done: giveUp() };
    }
    warnOfDescriptorLimit(readDescriptorLimit(runtime.files), log);
    await observability.openControl();
    log.info(startText(plan, runtime));
    for (const line of describeSurroundings(config, runtime, plan.listeners)) {
      log.warning(line);
    }
    const obeying = early && obeySignals(runtime, parts, log);
    if (obeying !== undefined) held.push(obeying);
    held.push(reapStrangers(runtime, log));
    if (settings.reload) held.push(reloadOnChange(runtime, arbiter, log));
    arbiter.start();
    observability.started(settings);
    early?.rest();
    for (const signal of early?.take() ?? []) obeying?.obey(signal);
  } catch (error) {
    await Promise.all([observability.end(), observability.close()]);
    // What onStarting began onExit may end.
    if (started) await arbiter.ended();
    log.elsewhere(messageOf(error));
    // Standard error is not where people look then.
    if (log.inFile && error instanceof Error) logged.add(error);
    release();
    await log.flush();
    log.close();
    throw error;
  }
  return { arbiter, log, done: arbiter.milestones.done.then(finish) };

  /** Ends what was stopped before it served. */
  async function giveUp(): Promise<number> {
    arbiter.cancel();
    // What onStarting began onExit may end.
    await Promise.race([arbiter.ended(), hurried]);
    return await finish(0);
  }

  async function finish(code: number): Promise<number> {
    await observability.end();
    release();
    log.info(code === 0 ? "Stopped" : `Stopped with exit code ${code}`);
    await Promise.all([observability.close(), log.flush()]);
    log.close();
    return code;
  }
}

/** Called by what ends this process, which the stack shows. */
function tellOtherEnd(code: number, log: ErrorLog): void {
  const text =
    `Ended by a call of process.exit(${code}) in a hook, a logger or the config file`;
  const [, ...frames] = stackOf(new Error(text)).split("\n");
  log.critical([text, ...frames].join("\n"));
}

/** The command's process is corn's alone; a program has errors of its own. */
function guardOf({ options, signals = true }: LaunchOptions) {
  if (options === undefined) return "always";
  return signals ? "hooks" : "never";
}

/** Makes this process what the settings say. */
function applyToProcess(
  { chdir, umask, name }: Config["settings"],
  self: Self,
): void {
  if (chdir !== undefined) enterFolder(chdir, self);
  if (umask !== undefined) self.umask(umask);
  if (name !== undefined) self.setTitle(`corn: arbiter [${name}]`);
}

/** Reloads whenever a file of the app changes. */
function reloadOnChange(
  runtime: Runtime,
  arbiter: Arbiter,
  log: Logger,
): Closeable {
  return watchFiles({
    runtime,
    log,
    targets: () => watchTargets(arbiter.config),
    onChange(paths) {
      log.info(`Changed: ${paths.join(", ")}`);
      // What comes of it is in the log.
      arbiter.reload().catch(() => {});
    },
  });
}
