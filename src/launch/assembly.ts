/** The arbiter and those beside it, and what they know of each other. */
import { Arbiter } from "../arbiter/arbiter.ts";
import { takeHandover } from "../arbiter/upgrade/handover.ts";
import type { Handover } from "../arbiter/upgrade/handover.ts";
import type { Names } from "../arbiter/generations/names.ts";
import { succeed } from "../arbiter/upgrade/succession.ts";
import type { Succession } from "../arbiter/upgrade/succession.ts";
import { createNotifier, passedSockets } from "../arbiter/host/systemd.ts";
import type { Notifier } from "../arbiter/host/systemd.ts";
import { Upgrade } from "../arbiter/upgrade/upgrade.ts";
import type { SuccessorPlan } from "../arbiter/upgrade/upgrade.ts";
import { parseAddress } from "../config/values/address.ts";
import type { Bind } from "../config/values/address.ts";
import { splitWords } from "../base/split.ts";
import type { Config } from "../config/table/types.ts";
import { messageOf } from "../base/errors.ts";
import { stackOf } from "../base/stack.ts";
import type { ErrorLog } from "../log/error/error-log.ts";
import type { Logger } from "../log/error/logger.ts";
import { ServerMetrics } from "../telemetry/server.ts";
import { serverMetrics } from "../plan/metrics.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { AdminDoor } from "./admin-door.ts";
import { openControlRoom } from "./control.ts";
import type { ControlRoom } from "./control.ts";
import { PoolMetrics } from "./pool-metrics.ts";
import type { Program } from "./sources.ts";

export interface AssemblyOptions {
  readonly config: Config;
  /** Reads the config anew. @throws CornError where it is bad */
  reread(): Promise<Config>;
  readonly log: ErrorLog;
  readonly names: Names;
  /** The environment this arbiter was started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether errors that nothing caught are logged: at all times, from the first hook on, or never. */
  readonly guard: "always" | "hooks" | "never";
  /** True where corn was started by a program, and not by its command. */
  readonly byProgram: boolean;
  /** Is told of a config that is reloaded. @throws where it cannot be */
  onConfig(config: Config): void;
  /** The arbiter before this one is gone. */
  onPromoted(): void;
}

export interface Assembly {
  readonly arbiter: Arbiter;
  readonly upgrade: Upgrade;
  readonly notifier: Notifier;
  readonly metrics: ServerMetrics;
  readonly poolMetrics: PoolMetrics;
  readonly admin: AdminDoor;
  /** Undefined where there is to be no control socket. */
  readonly control: ControlRoom | undefined;
  /** Undefined where no arbiter was before this one. */
  readonly succession: Succession | undefined;
}

/** Puts the parts together; nothing is opened or started. */
export async function assemble(
  { runtime }: Program,
  { config, reread, names, log, env, guard, byProgram, onConfig, onPromoted }:
    AssemblyOptions,
): Promise<Assembly> {
  if (guard === "always") logUncaught(runtime, log);
  const handover = takeHandover(runtime, log);
  const passed = takePassedSockets(runtime, config, { handover, log });
  const dev = await isDevelopment(env);
  const succession = handover &&
    succeed(runtime, handover.predecessor, {
      onPromoted() {
        log.info(`Promoted: pid ${handover.predecessor} is gone`);
        poolMetrics.unshare();
        notifier.promoted();
        onPromoted();
      },
      onSums: (record) => poolMetrics.takeSums(handover.predecessor, record),
    });
  const predecessor = () => succession?.predecessor();
  const control = openControlRoom(runtime, {
    config,
    log,
    byProgram,
    arbiter: () => arbiter,
    upgrade: () => upgrade,
    predecessor,
  });
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
    size: () => arbiter.size,
    predecessor,
    stopping: () => arbiter.stopping,
    onSuccessor(serves) {
      if (serves) {
        const pid = upgrade.successorPid ?? 0;
        poolMetrics.share(pid, (record) => upgrade.tellSums(record));
        void admin.yield();
      } else {
        poolMetrics.unshare();
        void admin.reopen();
        if (!arbiter.stopping) control?.reopen();
      }
    },
    onSums: (pid, record) => poolMetrics.takeSums(pid, record),
  });
  const notifier = createNotifier(runtime, {
    predecessor,
    successorPid: () => upgrade.successorPid,
  });
  const arbiter: Arbiter = new Arbiter({
    runtime,
    notifier,
    passed,
    handed: handover?.addresses ?? [],
    handedSize: handover?.size,
    shared: () => upgrade.shares || predecessor() !== undefined,
    log,
    config,
    reread,
    onConfig(config) {
      onConfig(config);
      metrics.configure(serverMetrics(config.settings));
      poolMetrics.configure(config.settings).catch((error) =>
        log.error(`Cannot measure: ${messageOf(error)}`)
      );
      admin.configure(config.settings).catch((error) =>
        log.error(messageOf(error))
      );
    },
    witness: () => poolMetrics.witness,
    ...control && { onNote: (note, told) => control.note(note, told) },
    names,
    ...(guard === "hooks" && { guard: () => logUncaught(runtime, log) }),
    dev,
  });
  const metrics = new ServerMetrics({
    runtime,
    workers: () => arbiter.status().length,
    backlog: () => arbiter.backlog(),
    report: (text) => log.warning(text),
  });
  const poolMetrics: PoolMetrics = new PoolMetrics({
    runtime,
    arbiter: () => arbiter,
    warn: (text) => log.warning(text),
  });
  const admin: AdminDoor = new AdminDoor({
    runtime,
    log,
    source: {
      metrics: (format) => poolMetrics.write(format),
      health: () => ({
        pool: arbiter.pool,
        readyWorkers: arbiter.config.settings.readyWorkers,
      }),
    },
    hasPredecessor: () => predecessor() !== undefined,
  });
  log.onEvent = (event) => {
    metrics.note(event);
    poolMetrics.note(event);
    control?.log(event);
  };
  return {
    arbiter,
    upgrade,
    notifier,
    metrics,
    poolMetrics,
    admin,
    control,
    succession,
  };
}

/**
 * Whether failures may be shown. Asked in the arbiter, since the app's import
 * map replaces corn's in Deno's workers. Where the arbiter's folder has a
 * node_modules, Deno finds packages in there alone (DENO-NODE-MODULES): what
 * esm-env would say by default is said without it.
 */
async function isDevelopment(
  { NODE_ENV = "" }: Readonly<Record<string, string>>,
): Promise<boolean> {
  try {
    return (await import("esm-env")).DEV === true;
  } catch {
    return NODE_ENV !== "" && !NODE_ENV.toLowerCase().startsWith("prod");
  }
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

/** How the arbiter is started that takes over: as this one was, or as the config says now. */
function planUpgrade({ settings }: Config, { self }: Runtime): SuccessorPlan {
  const { upgradeCommand, bootTimeout } = settings;
  const command = upgradeCommand === undefined
    ? self.start.command
    : splitWords(upgradeCommand);
  return { command, bootMs: bootTimeout * 1000 };
}

function logUncaught(runtime: Runtime, log: ErrorLog): void {
  runtime.onUncaught((error) =>
    log.critical(
      `Uncaught error in the arbiter, which goes on; a hook may have left it behind\n${
        stackOf(error)
      }`,
    )
  );
}
