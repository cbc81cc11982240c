/** From settings to what a worker is given. */
import { hasWorkerHooks } from "../hooks/names.ts";
import type { Config } from "../config/table/types.ts";
import type { AppSource } from "../gateway/app/app-plan.ts";
import type { ServedFolder } from "../gateway/files/files-plan.ts";
import type { AccessSettings } from "../log/access/access-settings.ts";
import type {
  LifePlan,
  LogsPlan,
  ProcessPlan,
  TelemetryPlan,
  WorkerPlan,
} from "../protocol/worker-plan.ts";
import type { FileOwner, Identity } from "../runtime/runtime.ts";
import { planHttp } from "./http.ts";
import { planLimits } from "./limits.ts";
import { canaryFigures, requestFigures, statsdOptions } from "./metrics.ts";
import { planProxies } from "./proxies.ts";
import { planRecycle } from "./recycle.ts";
import { planSockets } from "./sockets.ts";
import { CANCEL_MS } from "./tasks.ts";
import { planClass } from "./worker-class.ts";

/** Between two beats of an idle worker, unless its timeout is short. */
const IDLE_BEAT_MS = 1000;

/** The silence after which a worker looks at itself, where none is given. */
const LOOK_MS = 1000;

/** What was found on this machine, which no setting tells. */
export interface WorkerFindings {
  readonly app: AppSource;
  /** Folders of files that are served. */
  readonly folders: readonly ServedFolder[];
  /** URL of the config file, which has the hooks. */
  readonly configUrl: string | undefined;
  /** The identity that the worker has to take on by itself. */
  readonly identity: Identity | undefined;
  /** The owner of unix sockets. */
  readonly unixOwner: FileOwner | undefined;
  readonly access: AccessSettings | undefined;
  /** The port that speaks TLS; undefined where none does. */
  readonly httpsPort?: number | undefined;
  /** For the jitter of the limits that a worker is replaced at. */
  random(): number;
}

/** The plan of one worker. */
export function planWorker(config: Config, found: WorkerFindings): WorkerPlan {
  const { settings } = config;
  return {
    workerClass: planClass(config),
    app: {
      ...found.app,
      gateway: settings.gateway,
      allowListen: settings.allowListen,
    },
    ...planTasks(config),
    ...planHooks(config, found),
    http: planHttp(config, found),
    limits: planLimits(settings),
    sockets: planSockets(settings),
    folders: found.folders,
    proxies: planProxies(settings),
    logs: planLogs(found),
    telemetry: planTelemetry(config),
    process: planProcess(config, found),
    recycle: planRecycle(settings, found.random),
    life: planLife(config),
  };
}

function planTasks({ pool }: Config): Pick<WorkerPlan, "tasks"> {
  if (pool === undefined) return {};
  const { name, timeout, nice } = pool;
  return {
    tasks: {
      pool: name,
      timeoutMs: timeout * 1000,
      cancelMs: CANCEL_MS,
      nice,
    },
  };
}

function planHooks(
  { hooks, settings }: Config,
  { configUrl }: WorkerFindings,
): Pick<WorkerPlan, "hooks"> {
  if (configUrl === undefined || !hasWorkerHooks(hooks)) return {};
  return { hooks: { url: configUrl, limitMs: settings.hookTimeout * 1000 } };
}

function planLogs({ access }: WorkerFindings): LogsPlan {
  return access === undefined ? {} : { access };
}

function planTelemetry({ settings }: Config): TelemetryPlan {
  const statsd = statsdOptions(settings);
  const requests = requestFigures(settings) ??
    (settings.canary > 0 ? canaryFigures(settings) : undefined);
  return { ...(statsd && { statsd }), ...(requests && { requests }) };
}

function planProcess(
  { settings: { umask, name } }: Config,
  { identity }: WorkerFindings,
): ProcessPlan {
  return {
    ...(identity !== undefined && { identity }),
    ...(umask !== undefined && { umask }),
    ...(name !== undefined && { name }),
  };
}

function planLife(
  { settings: { blockStack, bootTimeout, gracefulTimeout, slowLoop, timeout } }:
    Config,
): LifePlan {
  return {
    gracefulMs: gracefulTimeout * 1000,
    // Its own word comes before the arbiter ends it.
    listenMs: bootTimeout * 900,
    // Several beats fit into the silence after which a worker is killed.
    idleBeatMs: timeout === 0
      ? IDLE_BEAT_MS
      : Math.min(IDLE_BEAT_MS, timeout * 1000 / 4),
    blockStack,
    lookMs: slowLoop === 0 ? LOOK_MS : slowLoop * 1000,
    slowMs: slowLoop * 1000,
    silenceMs: timeout * 1000,
  };
}
