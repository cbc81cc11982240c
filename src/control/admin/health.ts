/** Whether corn lives, and whether it wants requests. */

/** What is known of the pool. */
export interface PoolHealth {
  /** Undefined before the start. */
  readonly pool: {
    /** Something once a stop was asked for. */
    readonly stop: unknown;
    readonly paused: boolean;
    readonly over: boolean;
    readonly everReady: boolean;
    readonly children: readonly { readonly phase: string }[];
  } | undefined;
  /** So many workers must be ready. */
  readonly readyWorkers: number;
}

/** Why no requests are wanted. */
export type Unready = "starting" | "workers" | "paused" | "draining";

/** The answer to the question whether requests are wanted. */
export interface Readiness {
  readonly ready: boolean;
  readonly why?: Unready;
  /** How many workers are ready. */
  readonly workers: number;
}

/** Requests are wanted while enough workers are ready and no stop was asked for, though what comes is answered all the same. */
export function judgeReadiness(
  { pool, readyWorkers }: PoolHealth,
): Readiness {
  const workers = (pool?.children ?? [])
    .filter(({ phase }) => phase === "ready").length;
  const why = reasonOf({ pool, readyWorkers }, workers);
  return why === undefined
    ? { ready: true, workers }
    : { ready: false, why, workers };
}

function reasonOf(
  { pool, readyWorkers }: PoolHealth,
  workers: number,
): Unready | undefined {
  if (pool === undefined) return "starting";
  if (pool.stop !== undefined || pool.over) return "draining";
  if (pool.paused) return "paused";
  if (workers >= readyWorkers) return undefined;
  return pool.everReady ? "workers" : "starting";
}
