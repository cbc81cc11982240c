/** All that the workers of one load of config and code are started with. */
import { availableWorkers, startsAtOnce } from "../../plan/processors.ts";
import { planSize } from "../../plan/size.ts";
import type { SizePlan } from "../../plan/size.ts";
import type { Config } from "../../config/table/types.ts";
import { accessSettings } from "../../plan/log.ts";
import { planWorker } from "../../plan/worker.ts";
import { threadsOf } from "../../plan/worker-class.ts";
import type { AccessSettings } from "../../log/access/access-settings.ts";
import type { BootMessage } from "../../protocol/messages.ts";
import type { FileOwner, Identity, Runtime } from "../../runtime/runtime.ts";
import { INSPECTED_SLOT, inspectorOf } from "../command/inspector.ts";
import type { KeptCertificates } from "../certificates/kept.ts";
import type { OpenListener } from "../sockets/listeners.ts";
import type { Names } from "./names.ts";
import { checkReceivers } from "./receivers.ts";
import { decideStartAs } from "../command/start-as.ts";
import type { StartAs } from "../command/start-as.ts";
import { askBy } from "./ask-program.ts";
import { ownerOf, resolveIdentity, resolveOwner } from "./identity.ts";
import { findRelease } from "./release.ts";
import type { Release } from "./release.ts";
import type { Canary, Limits, Sockets } from "../pool/state.ts";
import { checkWorkerArgs } from "../command/worker-args.ts";

export interface Generation {
  readonly config: Config;
  /** What its workers load. */
  readonly release: Release;
  /** Looks for that anew, where it is gone. @throws CornError where nothing is there */
  findRelease(): Release;
  /** How many workers a start begins with. */
  readonly workers: number;
  /** Within what the load decides; undefined where their number is set. */
  readonly range: SizePlan | undefined;
  /** The most workers that there will be. */
  readonly most: number;
  /** How many of them may begin to boot at a time. */
  readonly bootsAtOnce: number;
  readonly limits: Limits;
  /** How many descriptors of each socket a worker gets: one for each of its threads. */
  readonly copies: number;
  /** The owner of unix sockets. */
  readonly unixOwner: FileOwner | undefined;
  /** The user and groups that workers run as; undefined for the arbiter's. */
  readonly identity: Identity | undefined;
  readonly startAs: StartAs | undefined;
  /** The access log of its workers; undefined where there is none. */
  readonly access: AccessSettings | undefined;
  readonly listeners: readonly OpenListener[];
  /** Left out where TLS is not spoken. */
  readonly tls?: GenerationTls;
  readonly sockets: Sockets;
  /** What its workers get into their environment for the code that they keep compiled. */
  readonly compileCache: Readonly<Record<string, string>>;
}

/** What its workers speak TLS with, and where. */
export interface GenerationTls {
  /** As they are now: they are renewed while it serves. */
  readonly kept: KeptCertificates;
  /** Those of its listeners whose connections begin with it. */
  readonly secure: readonly OpenListener[];
}

/** A generation whose addresses are not open yet. */
export type Prepared = Omit<
  Generation,
  "listeners" | "tls" | "sockets" | "compileCache"
>;

/**
 * Works out what a config means on this machine.
 *
 * @throws UsageError where no app is named, AppError where it does not exist,
 * ConfigError where a user or group does not
 */
export async function prepareGeneration(
  config: Config,
  runtime: Runtime,
  names: Names,
): Promise<Prepared> {
  const { settings } = config;
  const { files, self } = runtime;
  const find = () => findRelease(config, runtime, names);
  const release = find();
  checkWorkerArgs(settings.workerArgs, {
    runtime: release.runtime,
    origin: config.origins.workerArgs ?? "default",
  });
  checkReceivers(settings, runtime, release.runtime);
  const accounts = { files, ask: askBy(runtime) };
  const available = availableWorkers({
    processors: self.processors(),
    readText: readTextOf(runtime),
  });
  const size = planSize(settings, available);
  const identity = await resolveIdentity(config, { accounts, uid: self.uid });
  return {
    config,
    release,
    findRelease: find,
    ...size,
    most: size.range?.max ?? size.workers,
    bootsAtOnce: startsAtOnce(available),
    limits: {
      bootMs: settings.bootTimeout * 1000,
      silenceMs: settings.timeout * 1000,
      slowMs: settings.slowLoop * 1000,
      gracefulMs: settings.gracefulTimeout * 1000,
      drainDelayMs: settings.drainDelay * 1000,
      tellsBlocks: settings.workerClass === "async" && settings.threads === 1,
      ...(inspectorOf(config) && { inspected: INSPECTED_SLOT }),
    },
    copies: Math.max(1, threadsOf(config)),
    // As with Gunicorn, the sockets are the workers' unless it is said otherwise.
    unixOwner: await resolveOwner(config, accounts) ?? ownerOf(identity),
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

/** How the first worker of a reload is judged; undefined for not at all. */
export function canaryOf(
  { settings: { canary, canaryThin, reload } }: Config,
): Canary | undefined {
  // With --reload a developer waits for each reload.
  return canary === 0 || reload
    ? undefined
    : { forMs: canary * 1000, thin: canaryThin };
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

/** The first port that speaks TLS. */
function httpsPortOf({ secure }: GenerationTls): number | undefined {
  const [{ listener } = { listener: undefined }] = secure;
  return listener?.address.kind === "tcp" ? listener.address.port : undefined;
}

/** The boot message of a worker. */
export function bootMessage(
  generation: Omit<Generation, "sockets">,
  {
    release = generation.release,
    slot,
    age,
    number,
    tells,
    queue,
    random,
    dev,
    check,
    descriptors,
    served,
    proven,
  }: {
    /** What the worker was started from, where it is not the generation's own. */
    readonly release?: Release;
    readonly slot: number;
    readonly age: number;
    /** The generation's number. */
    readonly number: number;
    /** True for the first worker of the generation. */
    readonly tells: boolean;
    /** True where a worker of the generation was ready before. */
    readonly served: boolean;
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
  const { config, startAs, unixOwner, access, tls } = generation;
  const { settings } = config;
  return {
    type: "boot",
    plan: planWorker(config, {
      app: release.app,
      folders: release.folders,
      configUrl: release.configUrl,
      identity: startAs?.by === "worker" ? startAs.identity : undefined,
      unixOwner,
      access,
      httpsPort: tls && httpsPortOf(tls),
      random,
    }),
    check,
    runtime: release.runtime,
    slot,
    age,
    generation: number,
    tells,
    listeners: generation.listeners.map((open, index) => ({
      address: open.listener.address,
      descriptors: descriptors[index] ?? [],
      ...(tls?.secure.includes(open) && { secure: true }),
    })),
    ...(tls && { tls: tls.kept.material }),
    queue,
    served,
    // With --reload a developer waits for each reload.
    proofMs: proven || settings.reload ? 0 : settings.minUptime * 1000,
    dev,
  };
}
