/** All that the workers of one load of config and code are started with. */
import { proxyRules, wireLimits } from "../../plan/http.ts";
import { chooseHttp } from "../../config/checks/http.ts";
import { forwardingRules } from "../../plan/proxies.ts";
import { availableWorkers } from "../../plan/processors.ts";
import type { Config } from "../../config/table/types.ts";
import { hasWorkerHooks } from "../../hooks/names.ts";
import { accessSettings } from "../../plan/log.ts";
import type { RequestLimits } from "../../gateway/limits/request-limits.ts";
import type { AccessSettings } from "../../log/access/access-settings.ts";
import type { BootMessage } from "../../protocol/messages.ts";
import { statsdOptions } from "../../plan/metrics.ts";
import type { FileOwner, Identity, Runtime } from "../../runtime/runtime.ts";
import { INSPECTED_SLOT, inspectorOf } from "../command/inspector.ts";
import type { OpenListener } from "../sockets/listeners.ts";
import type { Names } from "./names.ts";
import { checkReceivers } from "./receivers.ts";
import { decideStartAs } from "../command/start-as.ts";
import type { StartAs } from "../command/start-as.ts";
import { ownerOf, resolveIdentity, resolveOwner } from "./identity.ts";
import { findRelease } from "./release.ts";
import type { Release } from "./release.ts";
import type { Limits, Sockets } from "../pool/state.ts";
import { checkWorkerArgs } from "../command/worker-args.ts";

/** Between two beats of an idle worker, unless its timeout is short. */
const IDLE_BEAT_MS = 1000;

export interface Generation {
  readonly config: Config;
  /** What its workers load. */
  readonly release: Release;
  /** Looks for that anew, where it is gone. @throws CornError where nothing is there */
  findRelease(): Release;
  readonly workers: number;
  readonly limits: Limits;
  /** Who shall own unix sockets. */
  readonly unixOwner: FileOwner | undefined;
  /** Who workers run as; undefined for who the arbiter is. */
  readonly identity: Identity | undefined;
  readonly startAs: StartAs | undefined;
  /** The access log of its workers; undefined where there is none. */
  readonly access: AccessSettings | undefined;
  readonly listeners: readonly OpenListener[];
  readonly sockets: Sockets;
}

/** A generation whose addresses are not open yet. */
export type Prepared = Omit<Generation, "listeners" | "sockets">;

/**
 * Works out what a config means on this machine.
 *
 * @throws UsageError where no app is named, AppError where it does not exist,
 * ConfigError where a user or group does not
 */
export function prepareGeneration(
  config: Config,
  runtime: Runtime,
  names: Names,
): Prepared {
  const { settings } = config;
  const { files, self } = runtime;
  const find = () => findRelease(config, runtime, names);
  const release = find();
  checkWorkerArgs(settings.workerArgs, {
    runtime: release.runtime,
    origin: config.origins.workerArgs ?? "default",
  });
  checkReceivers(settings, runtime, release.runtime);
  const identity = resolveIdentity(config, { files, uid: self.uid });
  return {
    config,
    release,
    findRelease: find,
    workers: settings.workers === "auto"
      ? availableWorkers({
        processors: self.processors(),
        readText: readTextOf(runtime),
      })
      : settings.workers,
    limits: {
      bootMs: settings.bootTimeout * 1000,
      silenceMs: settings.timeout * 1000,
      gracefulMs: settings.gracefulTimeout * 1000,
      drainDelayMs: settings.drainDelay * 1000,
      ...(inspectorOf(config) && { inspected: INSPECTED_SLOT }),
    },
    // As with Gunicorn, the sockets are the workers' unless it is said otherwise.
    unixOwner: resolveOwner(config, files) ?? ownerOf(identity),
    identity,
    startAs: decideStartAs(identity, files),
    access: accessSettings(config, runtime),
  };
}

/** How many workers may drain at a time; undefined for what follows from the pool's size. */
export function mostDrainingOf({ settings }: Config): number | undefined {
  const { maxDraining } = settings;
  return maxDraining === "auto" ? undefined : maxDraining;
}

/** Reads system files that may be absent or closed to this user. */
function readTextOf({ files }: Runtime): (path: string) => string | undefined {
  return (path) => {
    try {
      return files.readText(path);
    } catch {
      return undefined;
    }
  };
}

/** The boot message of a worker. */
export function bootMessage(
  generation: Omit<Generation, "sockets">,
  {
    release = generation.release,
    slot,
    age,
    number,
    queue,
    random,
    dev,
    check,
    descriptors,
    proven,
  }: {
    /** What the worker was started from, where it is not the generation's own. */
    readonly release?: Release;
    readonly slot: number;
    readonly age: number;
    /** The generation's number. */
    readonly number: number;
    /** True where a worker of the generation serves, or there is nothing to lose. */
    readonly proven: boolean;
    readonly queue: number;
    /** For the jitter of the limits that a worker is replaced at. */
    random(): number;
    readonly dev: boolean;
    readonly check: boolean;
    /** The worker's numbers of what it inherited, those of each listener. */
    readonly descriptors: readonly (readonly number[])[];
  },
): BootMessage {
  const { settings } = generation.config;
  const rules = proxyRules(settings);
  return {
    type: "boot",
    check,
    runtime: release.runtime,
    slot,
    age,
    generation: number,
    ...hookSource(generation.config, release),
    app: release.app,
    gateway: settings.gateway,
    http: chooseHttp(generation.config),
    lightResponse: settings.lightResponse,
    limits: wireLimits(settings),
    ...(rules && { proxyRules: rules }),
    forwarding: forwardingRules(settings),
    basePath: settings.basePath,
    listeners: generation.listeners.map(({ listener }, index) => ({
      address: listener.address,
      descriptors: descriptors[index] ?? [],
    })),
    // Who works on the app waits for each reload.
    proofMs: proven || settings.reload ? 0 : settings.minUptime * 1000,
    queue,
    backlog: settings.backlog,
    unixMode: settings.unixMode,
    ...(generation.access && { access: generation.access }),
    ...(generation.startAs?.by === "worker" && {
      identity: generation.startAs.identity,
    }),
    ...(settings.umask !== undefined && { umask: settings.umask }),
    ...(settings.name !== undefined && {
      title: `corn: worker ${slot} [${settings.name}]`,
    }),
    ...(generation.unixOwner && { unixOwner: generation.unixOwner }),
    keepAliveMs: settings.keepAlive * 1000,
    gracefulMs: settings.gracefulTimeout * 1000,
    idleBeatMs: idleBeatMs(generation.limits),
    ...(settings.statsdHost && { statsd: statsdOptions(settings) }),
    ...recycleLimits(settings, random),
    ...requestLimits(settings),
    dev,
  };
}

/** Where a worker finds its hooks, if there are any. */
function hookSource(
  { hooks, settings }: Config,
  { configUrl }: Release,
): Pick<BootMessage, "hooks"> {
  if (configUrl === undefined || !hasWorkerHooks(hooks)) return {};
  return {
    hooks: { url: configUrl, limitMs: settings.hookTimeout * 1000 },
  };
}

/** When the worker asks to be replaced; with jitter, so that workers of one start do not ask together. */
function recycleLimits(
  settings: Config["settings"],
  random: () => number,
): Pick<
  BootMessage,
  "maxRequests" | "maxLifetimeMs" | "maxMemory" | "maxMemoryHard"
> {
  const jittered = (limit: number, jitter: number) =>
    limit === 0 ? 0 : limit + random() * jitter;
  const requests = jittered(
    settings.maxRequests,
    // The last of them is as likely as any other.
    settings.maxRequestsJitter + 1,
  );
  const seconds = jittered(
    settings.maxWorkerLifetime,
    settings.maxWorkerLifetimeJitter,
  );
  return {
    maxRequests: Math.floor(requests),
    maxLifetimeMs: Math.round(seconds * 1000),
    maxMemory: settings.maxWorkerMemory,
    maxMemoryHard: settings.maxWorkerMemoryHard,
  };
}

function requestLimits(settings: Config["settings"]): RequestLimits {
  const { maxQueue } = settings;
  return {
    requestTimeoutMs: settings.requestTimeout * 1000,
    workerConnections: settings.workerConnections,
    maxQueue: maxQueue === "none"
      ? 0
      // JSON has no Infinity.
      : maxQueue || Number.MAX_SAFE_INTEGER,
    maxQueueTimeMs: settings.maxQueueTime * 1000,
    maxBody: settings.limitRequestBody,
  };
}

/** Several beats fit into the silence after which a worker is killed. */
function idleBeatMs({ silenceMs }: Limits): number {
  return silenceMs === 0 ? IDLE_BEAT_MS : Math.min(IDLE_BEAT_MS, silenceMs / 4);
}
