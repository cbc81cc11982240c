/** What the control socket may ask of a running corn; the launch fills it. */
import type { Config } from "../config/table/types.ts";
import type { ReloadOptions } from "../hooks/types.ts";
import type { AdminSource } from "./admin/routes.ts";
import type { LiveFigures, LiveWorker } from "../telemetry/live-figures.ts";

/** A worker, as the arbiter knows it. */
export interface WorkerFacts {
  readonly slot: number;
  readonly pid: number | undefined;
  /** The number it got when it was spawned, rising by one. */
  readonly age: number;
  readonly generation: number;
  readonly state: "booting" | "ready" | "late" | "draining" | "ending";
  /** How long it has been in that state; of a late one, since it was ready. */
  readonly stateMs: number;
  /** Requests that it has answered, and those that are open, by its last beat. */
  readonly requests: number;
  readonly open: number;
  /** How long it has said nothing. */
  readonly silentMs: number;
  /** How it is doing, where that is measured. */
  readonly live: LiveWorker | undefined;
}

/** A roll-out of a new generation that goes on. */
export interface RolloutFacts {
  readonly generation: number;
  readonly ready: number;
  readonly wanted: number;
  readonly ms: number;
  /** True while its first worker is judged. */
  readonly canary: boolean;
}

/** Connections that wait in one queue. */
export interface QueueFacts {
  /** From 1. */
  readonly queue: number;
  readonly waiting: number;
}

/** A certificate that is served. */
export interface CertificateFacts {
  /** The name that clients ask for. */
  readonly name: string;
  readonly file: string;
  /** When it ends. */
  readonly until: string;
}

/** The pool, as the arbiter knows it. */
export interface PoolFacts {
  readonly state: "starting" | "serving" | "reloading" | "paused" | "stopping";
  readonly generation: number;
  readonly wanted: number;
  /** True where the load may decide how many are wanted. */
  readonly ranged: boolean;
  /** Within what the load decides the size; undefined where a number is set. */
  readonly range: { readonly min: number; readonly max: number } | undefined;
  readonly rollout: RolloutFacts | undefined;
  readonly listeners: readonly {
    readonly address: string;
    /** Empty where the system does not tell. */
    readonly queues: readonly QueueFacts[];
  }[];
  /** None where no TLS is spoken. */
  readonly certificates: readonly CertificateFacts[];
  /** Connections that wait to be accepted over TCP; null where the system does not tell. */
  readonly waiting: number | null;
  readonly workers: readonly WorkerFacts[];
  /** How all are doing together, where that is measured. */
  readonly live: LiveFigures | undefined;
  readonly arbiter: {
    /** Processors that it uses, where that is measured. */
    readonly cpu: number | null;
    readonly rssBytes: number;
  };
  /** Pools of tasks. */
  readonly tasks: readonly TaskPoolFacts[];
}

/** A pool of tasks, as the arbiter knows it. */
export interface TaskPoolFacts {
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  /** Calls that have begun since corn started, and those that run. */
  readonly calls: number;
  readonly open: number;
  readonly pids: readonly number[];
}

/** A request that is open in a worker. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly ms: number;
  /** `running` where its handler has the event loop, which is known where it blocks it. */
  readonly state: "running" | "waiting";
  readonly client: string | null;
  /** The thread of the worker that has it; left out where it is one alone. */
  readonly thread?: number;
  readonly worker: {
    readonly slot: number;
    readonly pid: number | null;
    readonly age: number;
    readonly generation: number;
  };
}

/** Why a worker's app could not be loaded, in its own words. */
export interface Failure {
  readonly message: string;
  /** Empty where there is none. */
  readonly stack: string;
}

/** Something that happened in the pool. */
export interface News {
  /** What, such as `ready`, `crash` or `rollout-failed`. */
  readonly about: string;
  /** What the log says of it; undefined for what is not worth a line. */
  readonly text?: string | undefined;
  /** The pool of tasks that it is about; left out where it is about the app's. */
  readonly pool?: string;
  readonly worker?: Pick<WorkerFacts, "slot" | "pid" | "age" | "generation">;
  readonly generation?: number;
  readonly wanted?: number;
  readonly tookMs?: number;
  /** Why the load has changed the size. */
  readonly why?: string;
  /** Why a worker is replaced. */
  readonly reason?: string;
  /** How the worker ended that it is about. */
  readonly exit?: { readonly code?: number; readonly signal?: string };
  /** What the worker said itself. */
  readonly failure?: Failure | undefined;
}

/** Where a worker is blocked. */
export interface BlockedFacts {
  readonly ms: number;
  /** In words. */
  readonly text: string;
  /** The request that blocks it; undefined where that is not known. */
  readonly by: { readonly method: string; readonly path: string } | undefined;
  /** The app's frames, the innermost first; none where they are not known. */
  readonly frames: readonly string[];
  /** The thread that is blocked; undefined where the worker is one alone. */
  readonly thread?: number | undefined;
}

/** What a worker is to record. */
export interface RecordWish {
  readonly what: "profile" | "heap";
  /** How long a profile takes. */
  readonly ms: number;
  /** Which thread, of a worker that has several; the first unless it is said. */
  readonly thread?: number | undefined;
  /** True to replace the worker before, and let it finish its requests. */
  readonly drain: boolean;
}

/** Answers, and how many of them failed. */
export interface AnswerCounts {
  readonly requests: number;
  readonly failures: number;
}

/** How the trial of a canary goes. */
export interface CanaryFacts {
  /** Its slot. */
  readonly worker: number;
  /** How long it is judged yet. */
  readonly leftMs: number;
  /** Those of the workers of before, since it was ready. */
  readonly old: AnswerCounts;
  readonly fresh: AnswerCounts;
}

/** A running corn. */
export interface Subject {
  readonly version: string;
  readonly runtime: { readonly name: string; readonly version: string };
  readonly pid: number;
  readonly config: Config;
  now(): number;
  /** The wall clock. */
  date(): Date;
  after(ms: number, run: () => void): { close(): void };
  facts(): PoolFacts;
  /** What may be read at --admin. */
  readonly admin: AdminSource;
  /** Has workers measured for some seconds; resolves once there are figures. */
  look(): Promise<void>;
  /** The requests that are open, the oldest first; with their queries, which may hold secrets, where that is asked for. */
  requests(query: boolean): Promise<readonly RequestFacts[]>;
  /** Rejects when the old generation goes on. */
  reload(how: ReloadOptions): Promise<void>;
  /** Undefined where no canary is judged. */
  canary(): CanaryFacts | undefined;
  /** Resolves when it is over. */
  stop(mode: "graceful" | "quick"): Promise<unknown>;
  scale(to: number | "auto"): void;
  /** Gives what failed. */
  reopen(): readonly string[];
  /** Replaces a worker: by one that is ready before, unless it is to drain at once. */
  recycle(age: number, how: "replace" | "drain"): void;
  kill(age: number): void;
  /** Looks at where a worker is blocked; undefined where it is not. */
  stackOf(age: number): Promise<BlockedFacts | undefined>;
  /** Has a worker record itself; resolves with a file. @throws an Error */
  record(age: number, how: RecordWish): Promise<string>;
  /** Lets go of a recording that waits for the worker to be replaced. */
  forgoRecord(age: number): void;
  /** Resolves with the new arbiter's pid. @throws an Error where there is none */
  upgrade(): Promise<number>;
}
