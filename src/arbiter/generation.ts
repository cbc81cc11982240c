/** All that the workers of one load of config and code are started with. */
import { proxyRules, wireLimits } from "../plan/http.ts";
import { chooseHttp } from "../config/http.ts";
import { forwardingRules } from "../plan/proxies.ts";
import { fileUrl, resolvePath } from "../config/path.ts";
import { availableWorkers } from "../plan/processors.ts";
import type { Config } from "../config/types.ts";
import { AppError, MissingAppError, UsageError } from "../errors.ts";
import { hasWorkerHooks } from "../hooks/names.ts";
import { accessSettings } from "../plan/log.ts";
import type { RequestLimits } from "../gateway/request-limits.ts";
import type { AccessSettings } from "../log/access-settings.ts";
import type { BootMessage } from "../messages.ts";
import { statsdOptions } from "../plan/metrics.ts";
import type { FileOwner, Identity, Runtime, RuntimeName } from "../runtime.ts";
import { findDenoConfig, findWorkerRuntime, workerCommand } from "./command.ts";
import type { WorkerCommand } from "./command.ts";
import { INSPECTED_SLOT, inspectorOf } from "./inspector.ts";
import type { OpenListener } from "./listeners.ts";
import { checkReceivers } from "./receivers.ts";
import { ownerOf, resolveIdentity, resolveOwner } from "./owner.ts";
import type { Limits, Sockets } from "./state.ts";
import { checkWorkerArgs } from "./worker-args.ts";

/** Between two beats of an idle worker, unless its timeout is short. */
const IDLE_BEAT_MS = 1000;

export interface Generation {
  readonly config: Config;
  readonly app: BootMessage["app"];
  readonly workers: number;
  readonly runtime: RuntimeName;
  readonly command: WorkerCommand;
  readonly limits: Limits;
  /** Who shall own unix sockets. */
  readonly unixOwner: FileOwner | undefined;
  /** Who workers run as; undefined for who the arbiter is. */
  readonly identity: Identity | undefined;
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
  module: string,
): Prepared {
  const { settings } = config;
  const app = locateApp(config, runtime);
  const { files, self } = runtime;
  const worker = findWorkerRuntime({
    wanted: settings.runtime,
    own: runtime.name,
    self,
    files,
  });
  const { workerArgs } = settings;
  checkWorkerArgs(workerArgs, {
    runtime: worker.runtime,
    origin: config.origins.workerArgs ?? "default",
  });
  checkReceivers(settings, runtime, worker.runtime);
  const identity = resolveIdentity(config, { files, uid: self.uid });
  const path = app.url.startsWith("file://")
    ? decodeURIComponent(new URL(app.url).pathname)
    : undefined;
  const denoConfig = path === undefined
    ? undefined
    : findDenoConfig(path, files);
  return {
    config,
    app,
    workers: settings.workers === "auto"
      ? availableWorkers({
        processors: self.processors(),
        readText: readTextOf(runtime),
      })
      : settings.workers,
    runtime: worker.runtime,
    command: workerCommand({ ...worker, module, denoConfig, workerArgs }),
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
    access: accessSettings(config, runtime),
  };
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

function locateApp(
  { app }: Config,
  { files, self }: Runtime,
): BootMessage["app"] {
  if (app === undefined) {
    throw new UsageError(
      "Cannot start without an app: name one, as in corn app.ts",
    );
  }
  const { text, path, exportName, args } = app;
  if (/^[a-z]+:/.test(path)) return { text, url: path, exportName, args };
  const absolute = resolvePath(self.cwd(), path);
  const kind = files.kind(absolute);
  if (kind === "file") {
    return { text, url: fileUrl(absolute), exportName, args };
  }
  if (kind !== undefined) {
    throw new AppError(
      `Cannot load app "${path}": it is a ${kind}, not a module`,
    );
  }
  const near = [".ts", ".js", ".mjs", ".tsx"].find((end) =>
    files.kind(absolute + end) === "file"
  );
  const hint = near === undefined ? "" : `, did you mean ${path}${near}?`;
  throw new MissingAppError(path, `no such file in ${self.cwd()}${hint}`);
}

/** The boot message of a worker. */
export function bootMessage(
  generation: Omit<Generation, "sockets">,
  { slot, age, number, queue, random, dev, check, descriptors, proven }: {
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
    runtime: generation.runtime,
    slot,
    age,
    generation: number,
    ...hookSource(generation.config),
    app: generation.app,
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
    ...(generation.identity && { identity: generation.identity }),
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
  { file, hooks, settings }: Config,
): Pick<BootMessage, "hooks"> {
  if (file === undefined || !hasWorkerHooks(hooks)) return {};
  return {
    hooks: { url: fileUrl(file), limitMs: settings.hookTimeout * 1000 },
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
