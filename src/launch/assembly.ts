/** The arbiter and those beside it, and what they know of each other. */
import { Arbiter } from "../arbiter/arbiter.ts";
import { takeHandover } from "../arbiter/upgrade/handover.ts";
import type { Handover } from "../arbiter/upgrade/handover.ts";
import type { Names } from "../arbiter/generations/names.ts";
import { succeed } from "../arbiter/upgrade/succession.ts";
import { createNotifier, passedSockets } from "../arbiter/host/systemd.ts";
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
import type { Closeable, Runtime } from "../runtime/runtime.ts";
import { Observability } from "./observability.ts";
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
  /** Is told of a config that is reloaded. @throws where it cannot be followed */
  onConfig(config: Config): void;
  /** The arbiter before this one is gone. */
  onPromoted(): void;
}

export interface Assembly extends Closeable {
  readonly arbiter: Arbiter;
  readonly upgrade: Upgrade;
  readonly observability: Observability;
  /** The pid of the arbiter that was before this one and lives. */
  predecessor(): number | undefined;
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
        observability.promoted();
        notifier.promoted();
        onPromoted();
        arbiter.alone();
      },
      onSums: (record) => observability.takeSums(handover.predecessor, record),
    });
  const predecessor = () => succession?.predecessor();
  const observability: Observability = new Observability({
    runtime,
    log,
    config,
    byProgram,
    succeeds: succession !== undefined,
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
    size: () => arbiter.view.size,
    predecessor,
    stopping: () => arbiter.stopping,
    onSuccessor(serves) {
      if (!serves) return observability.takeBack();
      observability.yieldTo(
        upgrade.successorPid ?? 0,
        (record) => upgrade.tellSums(record),
      );
    },
    onGone: () => arbiter.alone(),
    onSums: (pid, record) => observability.takeSums(pid, record),
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
    reread() {
      // Whatever comes of it: what does is asked for at the socket.
      observability.restoreControl();
      return reread();
    },
    async onConfig(config) {
      onConfig(config);
      await observability.configure(config.settings);
    },
    witness: () => observability.witness,
    onlooker: () => observability.onlooker,
    ...observability.onNote && { onNote: observability.onNote },
    names,
    ...(guard === "hooks" && { guard: () => logUncaught(runtime, log) }),
    dev,
  });
  if (succession !== undefined) {
    arbiter.milestones.whole.then(() => {
      succession.reportServing();
      observability.takeOver((record) => succession.tellSums(record));
    }, () => {}).catch((error) => log.error(messageOf(error)));
  }
  return {
    arbiter,
    upgrade,
    observability,
    predecessor,
    close() {
      notifier.close();
      succession?.close();
    },
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
function planUpgrade(
  { settings, tasks }: Config,
  { self }: Runtime,
): SuccessorPlan {
  const { upgradeCommand, bootTimeout } = settings;
  const command = upgradeCommand === undefined
    ? self.start.command
    : splitWords(upgradeCommand);
  // Workers start once the tasks are ready.
  const boots = tasks.length === 0 ? 1 : 2;
  return { command, bootMs: boots * bootTimeout * 1000 };
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
