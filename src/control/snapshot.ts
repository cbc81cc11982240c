/** What is told of a running corn, as JSON. */
import { maskSecrets } from "../base/secrets.ts";
import { settingNames } from "../config/table/settings.ts";
import type { Config } from "../config/table/types.ts";
import { formatValue } from "../config/table/values.ts";
import type { Chronicle, Restarts } from "./chronicle.ts";
import type { LiveFigures, LiveWorker } from "../telemetry/live-figures.ts";
import type {
  CertificateFacts,
  PoolFacts,
  RequestFacts,
  RolloutFacts,
  Subject,
  TaskPoolFacts,
  WorkerFacts,
} from "./subject.ts";

export interface WorkerStatus extends Omit<WorkerFacts, "pid" | "live"> {
  readonly pid: number | null;
  readonly restarts: Restarts;
  /** Null where it is not measured, as where it has not told. */
  readonly live: LiveWorker | null;
}

export interface Status {
  readonly version: string;
  readonly runtime: { readonly name: string; readonly version: string };
  readonly pid: number;
  readonly app: string;
  /** The setting; left out where none is given. */
  readonly name?: string;
  readonly startedAt: string;
  readonly uptimeMs: number;
  readonly state: PoolFacts["state"];
  readonly generation: {
    readonly number: number;
    /** When it began to serve; null before. */
    readonly since: string | null;
    /** The last one that came to nothing since then. */
    readonly failed?: {
      readonly number: number;
      readonly message: string;
      readonly time: string;
    };
  };
  /** While a new generation takes over. */
  readonly rollout?: RolloutFacts;
  readonly wanted: number;
  /** How many are ready, of whichever generation. */
  readonly ready: number;
  readonly scale: {
    /** Within what the load decides; null where a number is set. */
    readonly min: number | null;
    readonly max: number | null;
    readonly now: number;
    /** Why and when it changed last; null where it never did. */
    readonly why: string | null;
    readonly changedAt: string | null;
  };
  readonly listeners: PoolFacts["listeners"];
  /** Left out where no TLS is spoken. */
  readonly certificates?: readonly CertificateFacts[];
  readonly waiting: number | null;
  readonly totals: {
    readonly requests: number;
    readonly open: number;
    readonly restarts: number;
    /** Null where it is not measured. */
    readonly live: LiveFigures | null;
  };
  readonly arbiter: PoolFacts["arbiter"];
  readonly workers: readonly WorkerStatus[];
  readonly tasks: readonly TaskPoolFacts[];
}

/** When it was begun to be looked at. */
export interface Beginning {
  readonly at: Date;
  readonly now: number;
}

export function describeStatus(
  subject: Subject,
  chronicle: Chronicle,
  began: Beginning,
): Status {
  const facts = subject.facts();
  // A new worker stands below the one whose slot it is to have.
  const workers = facts.workers
    .toSorted((one, other) => one.slot - other.slot || one.age - other.age)
    .map((worker) => describeWorker(worker, chronicle));
  const sum = (count: (worker: WorkerStatus) => number) =>
    workers.reduce((total, worker) => total + count(worker), 0);
  const { since, failed } = chronicle.course;
  const { version, runtime, pid, config } = subject;
  const { name } = config.settings;
  return {
    version,
    runtime,
    pid,
    app: maskSecrets(config.app?.text ?? ""),
    ...name !== undefined && { name: maskSecrets(name) },
    startedAt: began.at.toISOString(),
    uptimeMs: Math.round(subject.now() - began.now),
    state: facts.state,
    generation: {
      number: facts.generation,
      since: since ?? null,
      ...failed && { failed },
    },
    ...facts.rollout && { rollout: roundedRollout(facts.rollout) },
    wanted: facts.wanted,
    ready: workers.filter(({ state }) => state === "ready" || state === "late")
      .length,
    scale: {
      min: facts.range?.min ?? null,
      max: facts.range?.max ?? null,
      now: facts.wanted,
      why: chronicle.sizeChange?.why ?? null,
      changedAt: chronicle.sizeChange?.time ?? null,
    },
    listeners: facts.listeners,
    ...facts.certificates.length > 0 && { certificates: facts.certificates },
    waiting: facts.waiting,
    totals: {
      requests: sum(({ requests }) => requests),
      open: sum(({ open }) => open),
      restarts: chronicle.restarts,
      live: facts.live === undefined ? null : rounded(facts.live),
    },
    arbiter: {
      cpu: round(facts.arbiter.cpu, 4),
      rssBytes: facts.arbiter.rssBytes,
    },
    workers,
    tasks: facts.tasks,
  };
}

export function describeWorker(
  worker: WorkerFacts,
  chronicle: Chronicle,
): WorkerStatus {
  const { live } = worker;
  return {
    ...worker,
    pid: worker.pid ?? null,
    stateMs: Math.round(worker.stateMs),
    silentMs: Math.round(worker.silentMs),
    restarts: chronicle.restartsOf(worker.slot),
    live: live === undefined ? null : {
      ...live,
      ...rounded(live),
      lagMs: Math.round(live.lagMs),
      cpu: round(live.cpu, 3),
      busy: round(live.busy, 3),
    },
  };
}

/** The requests that are open. */
export interface OpenRequests {
  readonly requests: readonly RequestFacts[];
  /** How many more there are, by what workers told last. */
  readonly more: number;
}

/** At most so many are told. */
const MOST_REQUESTS = 1000;

export function describeRequests(
  requests: readonly RequestFacts[],
  { workers }: Pick<PoolFacts, "workers">,
): OpenRequests {
  const shown = requests.slice(0, MOST_REQUESTS);
  const open = workers.reduce((sum, one) => sum + one.open, 0);
  return { requests: shown, more: Math.max(0, open - shown.length) };
}

function rounded(live: LiveFigures): LiveFigures {
  return {
    perSecond: round(live.perSecond, 1),
    failed: round(live.failed, 4),
    p50Ms: round(live.p50Ms, 3),
    p99Ms: round(live.p99Ms, 3),
  };
}

function roundedRollout(rollout: RolloutFacts): RolloutFacts {
  return { ...rollout, ms: Math.round(rollout.ms) };
}

function round(value: number | null, places: number): number | null {
  return value === null
    ? null
    : Math.round(value * 10 ** places) / 10 ** places;
}

/** A setting as it is shown. */
export interface ShownSetting {
  /** As it would be written; empty where it is unset. */
  readonly value: string;
  /** Such as `default`, `--workers` or `corn.config.ts`. */
  readonly origin: string;
}

/** The settings in force; of the app's environment the names alone. */
export function describeConfig(
  { settings, origins, app }: Config,
): {
  readonly app: string;
  readonly settings: Readonly<Record<string, ShownSetting>>;
} {
  const shown = settingNames.map((name) => {
    const value = name === "env"
      ? Object.keys(settings.env).map((key) => `${key}=***`).join(" ")
      : maskSecrets(formatValue(name, settings[name]));
    return [name, { value, origin: origins[name] ?? "default" }] as const;
  });
  return {
    app: maskSecrets(app?.text ?? ""),
    settings: Object.fromEntries(shown),
  };
}
