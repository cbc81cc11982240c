/** How things stand in a pool, of which metrics tell. */
import type { Labels } from "./exposition.ts";

/** What a worker of a slot is doing. */
export interface WorkerNow {
  readonly slot: number;
  /** True where a worker of the slot is ready and not late. */
  readonly up: boolean;
  readonly open: number;
  readonly queued: number;
  /** WebSockets that are open. */
  readonly sockets: number;
  /** The longest that its event loop was late in the last 15 s. */
  readonly lagMs: number;
  /** The part of the time that its event loop is at work; undefined where the runtime does not tell. */
  readonly busy: number | undefined;
  readonly rss: number;
  readonly heapUsed: number;
}

/** Connections that wait in a queue. */
export interface QueueNow {
  readonly address: string;
  /** From 1. */
  readonly queue: number;
  readonly waiting: number;
  /** Connections that were dropped for it was full; undefined where the system does not tell. */
  readonly overflows?: number;
}

/** A certificate that is served. */
export interface CertificateNow {
  /** The name that clients ask for. */
  readonly name: string;
  readonly until: Date;
}

/** What a pool of tasks is doing. */
export interface TaskPoolNow {
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  /** Calls that have begun. */
  readonly calls: number;
  /** Calls that run. */
  readonly open: number;
}

/** How things stand. */
export interface PoolNow {
  readonly build: Labels;
  /** How many workers are in each state. */
  readonly states: Readonly<Record<string, number>>;
  readonly wanted: number;
  readonly generation: number;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly reloadedAt: number;
  readonly reloadedWell: boolean;
  readonly workers: readonly WorkerNow[];
  /** Empty where the system does not tell. */
  readonly queues: readonly QueueNow[];
  /** Empty where no TLS is spoken. */
  readonly certificates: readonly CertificateNow[];
  readonly tasks: readonly TaskPoolNow[];
  readonly arbiter: { readonly cpuMs: number; readonly rss: number };
}
