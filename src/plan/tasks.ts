/** From the app's config to that of a pool of tasks, whose processes are workers as well. */
import type { Config } from "../config/table/types.ts";
import type { TaskPool } from "../config/values/tasks.ts";

/** How long a task may take to end once its signal is aborted, before its process is ended. */
export const CANCEL_MS = 2000;

/** Of a unix socket one more than its backlog may wait; a backlog of 0 is none to Node. */
export function backlogOf({ maxQueue }: Pick<TaskPool, "maxQueue">): number {
  return Math.max(1, maxQueue - 1);
}

/** The config of a pool that is served at a path. */
export function configOfPool(
  config: Config,
  pool: TaskPool,
  path: string,
): Config {
  const { settings, origins } = config;
  const { runtime = settings.runtime, timeout } = pool;
  return {
    ...config,
    app: { text: pool.module, path: pool.module },
    hooks: {},
    tasks: [],
    pool,
    origins: {
      ...origins,
      ...Object.fromEntries(
        ["user", "group", "runtime"].map((name) => [name, origins.tasks ?? ""]),
      ),
    },
    settings: {
      ...settings,
      runtime,
      workerClass: "async",
      threads: 1,
      // Those of one runtime are none of another's.
      workerArgs: pool.runtime === undefined ? settings.workerArgs : [],
      workers: pool.workers,
      // A blocked event loop is what tasks are for.
      timeout: timeout === 0 ? 0 : timeout + CANCEL_MS / 1000,
      slowLoop: 0,
      blockStack: "off",
      maxRequests: pool.maxTasks,
      maxRequestsJitter: 0,
      maxWorkerLifetime: 0,
      maxWorkerLifetimeJitter: 0,
      maxWorkerMemory: pool.maxMemory,
      maxWorkerMemoryHard: 0,
      user: pool.user ?? settings.user,
      group: pool.group ??
        (pool.user === undefined ? settings.group : undefined),
      env: { ...settings.env, ...pool.env },
      bind: [{ kind: "unix", path }],
      backlog: backlogOf(pool),
      accessLogfile: undefined,
      statsdHost: undefined,
      static: [],
      drainDelay: 0,
      minUptime: 0,
      canary: 0,
      reload: false,
      inspect: undefined,
      inspectBrk: undefined,
    },
  };
}
