/** From a config to a running arbiter; the command and `serve()` both come this way. */
import { Arbiter } from "../arbiter/arbiter.ts";
import {
  checkDescriptorLimit,
  readDescriptorLimit,
} from "../arbiter/descriptor-limit.ts";
import type { Generation } from "../arbiter/generation.ts";
import { takeHandover } from "../arbiter/handover.ts";
import type { Handover } from "../arbiter/handover.ts";
import { writePidfile } from "../arbiter/pidfile.ts";
import type { Pidfile } from "../arbiter/pidfile.ts";
import { reapStrangers } from "../arbiter/reaper.ts";
import { obeySignals } from "../arbiter/signals.ts";
import { succeed } from "../arbiter/succession.ts";
import { createNotifier, passedSockets } from "../arbiter/systemd.ts";
import { Upgrade } from "../arbiter/upgrade.ts";
import type { SuccessorPlan } from "../arbiter/upgrade.ts";
import { watchFiles, watchTargets } from "../arbiter/watch.ts";
import { parseAddress } from "../config/address.ts";
import type { Bind } from "../config/address.ts";
import { maskSecrets } from "../config/print.ts";
import type { Config } from "../config/types.ts";
import { ConfigError, messageOf } from "../errors.ts";
import { stackOf } from "../gateway/failure.ts";
import { openErrorLog } from "../log/error-log.ts";
import type { Logger } from "../log/logger.ts";
import { errorLogSettings } from "../log/settings.ts";
import { ServerMetrics } from "../metrics/server.ts";
import { serverMetrics } from "../metrics/settings.ts";
import type { Closeable, Runtime } from "../runtime.ts";
import { VERSION } from "../version.ts";
import { configReader } from "./sources.ts";
import type { Program, Sources } from "./sources.ts";
import { splitWords } from "../config/split.ts";

export interface LaunchOptions extends Sources {
  /** False to leave signals to the program. */
  readonly signals?: boolean;
}

/** A started arbiter. */
export interface Launched {
  readonly arbiter: Arbiter;
  /** Resolves with the exit code when every worker is gone and nothing is left to be written. */
  readonly done: Promise<number>;
}

/** Errors that the log has. */
const logged = new WeakSet<Error>();

/** True for an error of `launch` that a log file has. */
export function isLogged(error: unknown): boolean {
  return error instanceof Error && logged.has(error);
}

/** The sockets that a service manager passed to this arbiter or to the one before it, as binds. */
function takePassedSockets(
  { self }: Runtime,
  { origins }: Config,
  { handover, log }: { handover: Handover | undefined; log: Logger },
): Bind[] {
  if (handover !== undefined) {
    return handover.addresses.filter(({ passed }) => passed).map(({ asked }) =>
      parseAddress(asked)
    );
  }
  const sockets = passedSockets(self.env(), { pid: self.pid, log });
  if (sockets.length > 0 && origins.bind !== "default") {
    log.warning(
      `bind from ${origins.bind} ignored: the service manager passed ${sockets.length} sockets`,
    );
  }
  return sockets.map((descriptor) => ({ kind: "fd", descriptor }));
}

/** Starts an arbiter; it holds pid file and signals until it is done. @throws CornError */
export async function launch(
  program: Program,
  options: LaunchOptions,
): Promise<Launched> {
  const { runtime, module } = program;
  const reread = configReader(program, options);
  const env = runtime.self.env();
  const config = await reread();
  const { settings } = config;
  if (settings.daemon && options.options !== undefined) {
    throw new ConfigError(
      `Cannot use daemon true from ${config.origins.daemon}: serve() cannot take its program to the background, start the program there`,
    );
  }
  const { chdir, umask, name } = settings;
  if (chdir !== undefined) runtime.self.chdir(chdir);
  if (umask !== undefined) runtime.self.umask(umask);
  if (name !== undefined) runtime.self.setTitle(`corn: arbiter [${name}]`);
  const log = openErrorLog(runtime, errorLogSettings(config, runtime));
  warnOfIgnored(config, log);
  const handover = takeHandover(runtime, log);
  const passed = takePassedSockets(runtime, config, { handover, log });
  // Only here: under Deno the app's own import map replaces corn's in workers.
  const { DEV } = await import("esm-env");
  const held: Closeable[] = [];
  const release = () => {
    for (const one of held.splice(0)) one.close();
  };
  const succession = handover &&
    succeed(runtime, handover.predecessor, () => {
      log.info(`Promoted: pid ${handover.predecessor} is gone`);
      notifier.promoted();
      try {
        if (settings.pid !== undefined) pidfile?.rename(settings.pid);
      } catch (error) {
        log.error(messageOf(error));
      }
    });
  const predecessor = () => succession?.predecessor();
  const upgrade: Upgrade = new Upgrade({
    runtime,
    log,
    env,
    plan: async () => {
      const plan = planUpgrade(await reread(), runtime);
      await arbiter.upgrading();
      return plan;
    },
    addresses: () => arbiter.handover(),
    predecessor,
  });
  const notifier = createNotifier(runtime, {
    predecessor,
    heir: () => upgrade.heir,
  });
  held.push(notifier);
  if (succession !== undefined) held.push(succession);
  const arbiter: Arbiter = new Arbiter({
    runtime,
    notifier,
    passed,
    handed: handover?.addresses ?? [],
    shared: () => upgrade.shares || predecessor() !== undefined,
    log,
    config,
    reread,
    onConfig: ({ settings }) => metrics.configure(serverMetrics(settings)),
    module,
    // A program that calls serve() sees to its own errors.
    ...(options.signals !== false && {
      guard: () =>
        runtime.onUncaught((error) =>
          log.critical(
            `Uncaught error in the arbiter, which goes on; a hook may have left it behind\n${
              stackOf(error)
            }`,
          )
        ),
    }),
    dev: DEV === true,
  });
  const metrics = new ServerMetrics({
    runtime,
    workers: () => arbiter.status().length,
    backlog: () => arbiter.backlog(),
    report: (text) => log.warning(text),
  });
  log.onEvent = (event) => metrics.note(event);
  let pidfile: Pidfile | undefined;
  let started = false;
  try {
    if (settings.pid !== undefined) {
      const path = predecessor() === undefined
        ? settings.pid
        : `${settings.pid}.2`;
      held.push(pidfile = writePidfile(path, runtime));
    }
    await arbiter.starting();
    started = true;
    const plan = await arbiter.prepare();
    checkDescriptorLimit(readDescriptorLimit(runtime.files), {
      workers: plan.workers,
      log,
    });
    log.info(startText(plan, runtime));
    if (options.signals !== false) {
      held.push(obeySignals(runtime, { arbiter, upgrade }, log));
    }
    held.push(reapStrangers(runtime, log));
    if (settings.reload) held.push(reloadOnChange(runtime, arbiter, log));
    arbiter.start();
    metrics.configure(serverMetrics(settings));
  } catch (error) {
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
  void arbiter.whole.then(() => succession?.announce());
  const done = arbiter.done.then(async (code) => {
    release();
    log.info(code === 0 ? "Stopped" : `Stopped with exit code ${code}`);
    await Promise.all([metrics.flush(), log.flush()]);
    metrics.close();
    log.close();
    return code;
  });
  return { arbiter, done };
}

/** Settings that do nothing alone, as with Gunicorn; there nobody says so. */
function warnOfIgnored({ settings, origins }: Config, log: Logger): void {
  const { logSyslog, enableBacklogMetric, statsdHost } = settings;
  const say = (name: string, why: string) =>
    log.warning(`${name} from ${origins[name]} ignored: ${why}`);
  if (!logSyslog && origins.logSyslogTo !== "default") {
    say("logSyslogTo", "logSyslog is off");
  }
  if (enableBacklogMetric && statsdHost === undefined) {
    say("enableBacklogMetric", "there is no statsdHost");
  }
}

/** Reloads whenever a file of the app changes. */
function reloadOnChange(
  runtime: Runtime,
  arbiter: Arbiter,
  log: Logger,
): Closeable {
  const cwd = runtime.self.cwd();
  return watchFiles({
    runtime,
    targets: () => watchTargets(arbiter.config, cwd),
    onChange(paths) {
      log.info(`Changed: ${paths.join(", ")}`);
      // What comes of it is in the log.
      arbiter.reload().catch(() => {});
    },
  });
}

/** `corn 0.1.0 on node 24.21.0 starts 2 workers for app.ts`. */
function startText(
  { runtime, workers, app }: Generation,
  { name, version }: Runtime,
): string {
  const own = runtime === name ? "" : ` on ${runtime}`;
  const many = workers === 1 ? "1 worker" : `${workers} workers`;
  return `corn ${VERSION} on ${name} ${version} starts ${many}${own} for ${
    maskSecrets(app.text)
  }`;
}

/** How the arbiter is started that takes over: as this one was, or as the config says now. */
function planUpgrade({ settings }: Config, { self }: Runtime): SuccessorPlan {
  const { upgradeCommand, bootTimeout } = settings;
  const command = upgradeCommand === undefined
    ? self.start.command
    : splitWords(upgradeCommand);
  return { command, bootMs: bootTimeout * 1000 };
}
