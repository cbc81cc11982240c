/** What is told of a running corn, as JSON. */
import { maskSecrets } from "../base/secrets.ts";
import { settingNames } from "../config/table/settings.ts";
import type { Config } from "../config/table/types.ts";
import { formatValue } from "../config/table/values.ts";
import type { Chronicle, Restarts } from "./chronicle.ts";
import type { PoolFacts, Subject, WorkerFacts } from "./subject.ts";

export interface WorkerStatus extends Omit<WorkerFacts, "pid"> {
  readonly pid: number | null;
  readonly restarts: Restarts;
}

export interface Status {
  readonly version: string;
  readonly runtime: { readonly name: string; readonly version: string };
  readonly pid: number;
  readonly app: string;
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
  readonly wanted: number;
  /** How many are ready, of whichever generation. */
  readonly ready: number;
  readonly listeners: readonly { readonly address: string }[];
  readonly waiting: number | null;
  readonly totals: { readonly requests: number; readonly open: number };
  readonly workers: readonly WorkerStatus[];
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
  const workers = facts.workers.map((worker) =>
    describeWorker(worker, chronicle)
  );
  const sum = (count: (worker: WorkerStatus) => number) =>
    workers.reduce((total, worker) => total + count(worker), 0);
  const { since, failed } = chronicle.course;
  const { version, runtime, pid, config } = subject;
  return {
    version,
    runtime,
    pid,
    app: maskSecrets(config.app?.text ?? ""),
    startedAt: began.at.toISOString(),
    uptimeMs: Math.round(subject.now() - began.now),
    state: facts.state,
    generation: {
      number: facts.generation,
      since: since ?? null,
      ...failed && { failed },
    },
    wanted: facts.wanted,
    ready: workers.filter(({ state }) => state === "ready" || state === "late")
      .length,
    listeners: facts.addresses.map((address) => ({ address })),
    waiting: facts.waiting,
    totals: {
      requests: sum(({ requests }) => requests),
      open: sum(({ open }) => open),
    },
    workers,
  };
}

export function describeWorker(
  worker: WorkerFacts,
  chronicle: Chronicle,
): WorkerStatus {
  return {
    ...worker,
    pid: worker.pid ?? null,
    stateMs: Math.round(worker.stateMs),
    restarts: chronicle.restartsOf(worker.slot),
  };
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
