/** From a config to a running arbiter; the command and `serve()` both come this way. */
import { Arbiter } from "../arbiter/arbiter.ts";
import {
  checkDescriptorLimit,
  readDescriptorLimit,
} from "../arbiter/descriptor-limit.ts";
import { writePidfile } from "../arbiter/pidfile.ts";
import { reapStrangers } from "../arbiter/reaper.ts";
import { obeySignals } from "../arbiter/signals.ts";
import { createNotifier, passedSockets } from "../arbiter/systemd.ts";
import type { Bind } from "../config/address.ts";
import { loadConfig } from "../config/load.ts";
import type { Config, CornConfig, Layer } from "../config/types.ts";
import { createLogger } from "../log/logger.ts";
import type { Logger } from "../log/logger.ts";
import type { Closeable, Runtime } from "../runtime.ts";
import { VERSION } from "../version.ts";

/** This program, whoever started it. */
export interface Program {
  readonly runtime: Runtime;
  /** URL of corn's own module, which workers are started from. */
  readonly module: string;
}

/** Where settings come from besides the environment. */
export interface Sources {
  readonly flags?: Layer;
  readonly commandArgs?: Layer;
  readonly options?: CornConfig;
}

/** Reads the config, again and again with the same sources, the environment and folder of the start. */
export function configReader(
  { runtime }: Program,
  sources: Sources,
): () => Promise<Config> {
  const env = runtime.self.env();
  const cwd = runtime.self.cwd();
  // A module is loaded once by its URL: each reading takes a number, one that is refused too.
  let readings = 0;
  return () =>
    loadConfig({
      ...sources,
      env,
      cwd,
      runtime: runtime.name,
      generation: readings++,
      fileKind: (path) => runtime.files.kind(path),
      readText: (path) => runtime.files.readText(path),
      importModule: (url) => runtime.importModule(url),
    });
}

/** The log on standard error. */
export function openLog(
  { self, clock }: Runtime,
  config: Pick<Config, "settings">,
): Logger {
  const { NO_COLOR = "" } = self.env();
  return createLogger({
    sink: self.stderr,
    clock,
    pid: self.pid,
    level: config.settings.logLevel,
    color: self.stderr.terminal && NO_COLOR === "",
  });
}

export interface LaunchOptions extends Sources {
  /** False to leave signals to the program. */
  readonly signals?: boolean;
}

/** The sockets that a service manager passed, as binds. */
function takePassedSockets(
  { self }: Runtime,
  { origins }: Config,
  log: Logger,
): Bind[] {
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
): Promise<Arbiter> {
  const { runtime, module } = program;
  const reread = configReader(program, options);
  const config = await reread();
  const { settings } = config;
  if (settings.chdir !== undefined) runtime.self.chdir(settings.chdir);
  const log = openLog(runtime, config);
  // Only here: under Deno the app's own import map replaces corn's in workers.
  const { DEV } = await import("esm-env");
  const notifier = createNotifier(runtime);
  const passed = takePassedSockets(runtime, config, log);
  const arbiter = new Arbiter({
    runtime,
    notifier,
    passed,
    log,
    config,
    reread,
    module,
    dev: DEV === true,
  });
  const held: Closeable[] = [notifier];
  const release = () => {
    for (const one of held.splice(0)) one.close();
  };
  try {
    if (settings.pid !== undefined) {
      held.push(writePidfile(settings.pid, runtime));
    }
    const plan = await arbiter.prepare();
    checkDescriptorLimit(readDescriptorLimit(runtime.files), {
      workers: plan.workers,
      log,
    });
    const own = plan.runtime === runtime.name ? "" : ` on ${plan.runtime}`;
    const many = plan.workers === 1 ? "1 worker" : `${plan.workers} workers`;
    log.info(
      `corn ${VERSION} on ${runtime.name} ${runtime.version} starts ${many}${own} for ${plan.app.text}`,
    );
    if (options.signals !== false) {
      held.push(obeySignals(runtime, arbiter, log));
    }
    held.push(reapStrangers(runtime, log));
    arbiter.start();
  } catch (error) {
    release();
    throw error;
  }
  void arbiter.done.then((code) => {
    release();
    log.info(code === 0 ? "Stopped" : `Stopped with exit code ${code}`);
  });
  return arbiter;
}
