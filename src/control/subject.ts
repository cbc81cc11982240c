/** What the control socket may ask of a running corn; the launch fills it. */
import type { Config } from "../config/table/types.ts";
import type { ReloadOptions } from "../hooks/types.ts";

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
}

/** The pool, as the arbiter knows it. */
export interface PoolFacts {
  readonly state: "starting" | "serving" | "reloading" | "paused" | "stopping";
  readonly generation: number;
  readonly wanted: number;
  /** True where the load may decide how many are wanted. */
  readonly ranged: boolean;
  readonly addresses: readonly string[];
  /** Connections that wait to be accepted over TCP; null where the system does not tell. */
  readonly waiting: number | null;
  readonly workers: readonly WorkerFacts[];
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
  readonly worker?: Pick<WorkerFacts, "slot" | "pid" | "age" | "generation">;
  readonly generation?: number;
  readonly wanted?: number;
  readonly tookMs?: number;
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
  /** Rejects when the old generation goes on. */
  reload(how: ReloadOptions): Promise<void>;
  /** Resolves when it is over. */
  stop(mode: "graceful" | "quick"): Promise<unknown>;
  scale(to: number | "auto"): void;
  reopen(): void;
  /** Replaces a worker: by one that is ready before, unless it is to drain at once. */
  recycle(age: number, how: "replace" | "drain"): void;
  kill(age: number): void;
  /** Looks at where a worker is blocked; undefined where it is not. */
  stackOf(age: number): Promise<BlockedFacts | undefined>;
  /** Has a worker record itself for so many milliseconds; resolves with a file. @throws an Error */
  record(age: number, what: "profile" | "heap", ms: number): Promise<string>;
  /** Resolves with the new arbiter's pid. @throws an Error where there is none */
  upgrade(): Promise<number>;
}
