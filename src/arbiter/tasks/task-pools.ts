/**
 * The pools of tasks of all generations. Each generation has its own, which are
 * ready before its first worker is started and go when its last one has left:
 * an app calls the tasks that were deployed with it.
 */
import { BindError, ConfigError, CornError } from "../../base/errors.ts";
import type { Config } from "../../config/table/types.ts";
import type { TaskPool as PoolPlan } from "../../config/values/tasks.ts";
import type { ErrorLog } from "../../log/error/error-log.ts";
import { backlogOf, configOfPool } from "../../plan/tasks.ts";
import type { FileOwner, Listener, Runtime } from "../../runtime/runtime.ts";
import { POOL_VARIABLE, POOLS_VARIABLE } from "../../tasks/messages.ts";
import type { PoolFacts } from "../../tasks/messages.ts";
import { prepareCompileCache } from "../generations/compile-cache.ts";
import { prepareGeneration } from "../generations/generation.ts";
import type { Generation } from "../generations/generation.ts";
import { ownerOf } from "../generations/identity.ts";
import type { Names } from "../generations/names.ts";
import { explainUnix } from "../sockets/unix-path.ts";
import type { ToldNote } from "../telling/child-facts.ts";
import type { Note, StopMode } from "../pool/state.ts";
import { createPoolLog } from "./pool-log.ts";
import { removeDeadPools, socketPath } from "./socket-path.ts";
import { TaskPool } from "./task-pool.ts";
import type { TaskPoolStatus } from "./task-pool.ts";

export interface TaskPoolsOptions {
  readonly runtime: Runtime;
  readonly log: ErrorLog;
  /** What everything is looked for by. */
  readonly names: Names;
  readonly dev: boolean;
  /** Takes what happens in them. */
  onNote?(note: Note, told: ToldNote): void;
}

/** The pools of a generation. */
interface OpenPools {
  readonly pools: readonly TaskPool[];
  /** What its workers get into their environment. */
  readonly env: Readonly<Record<string, string>>;
}

export class TaskPools {
  readonly #options: TaskPoolsOptions;
  /** By the number of their generation. */
  readonly #open = new Map<number, OpenPools>();
  /** Pools that have not ended. */
  readonly #living = new Set<TaskPool>();
  /** Calls of pools that have ended, by their names. */
  readonly #calls = new Map<string, number>();
  #stop: { mode: StopMode; timeoutMs: number | undefined } | undefined;

  constructor(options: TaskPoolsOptions) {
    this.#options = options;
  }

  /** Opens those of a generation and waits until they are ready. @throws CornError, and none of them is left */
  async open(number: number, { config, identity }: Generation): Promise<void> {
    if (config.tasks.length === 0) return;
    const { runtime } = this.#options;
    if (!runtime.holdsListeners) {
      throw new ConfigError(
        `Cannot use tasks from ${config.origins.tasks}: ${runtime.name} may not call libc here, by which their sockets are opened; permit FFI (deno run --allow-ffi)`,
      );
    }
    await removeDeadPools(runtime);
    const paths = Object.fromEntries(
      config.tasks.map(({ name }) => [
        name,
        socketPath(runtime, { pool: name, generation: number }),
      ]),
    );
    const facts = config.tasks.map(({ name, maxQueue, workers }) => {
      const path = paths[name] as string;
      // Some run and are over before the client hears that they began.
      const most = 2 * (maxQueue + workers);
      return [name, { path, most } satisfies PoolFacts];
    });
    const env = { [POOLS_VARIABLE]: JSON.stringify(Object.fromEntries(facts)) };
    const pools: TaskPool[] = [];
    this.#open.set(number, { pools, env });
    try {
      for (const plan of config.tasks) {
        pools.push(
          await this.#create(plan, {
            config,
            path: paths[plan.name] as string,
            owner: ownerOf(identity),
            env,
          }),
        );
      }
      this.#refuseStopped();
      for (const pool of pools) pool.start();
      for (const pool of pools) await pool.ready;
      this.#refuseStopped();
    } catch (error) {
      this.#close(number);
      throw error;
    }
  }

  async #create(
    plan: PoolPlan,
    { config, path, owner, env }: {
      readonly config: Config;
      readonly path: string;
      /** Who calls. */
      readonly owner: FileOwner | undefined;
      readonly env: Readonly<Record<string, string>>;
    },
  ): Promise<TaskPool> {
    const { runtime, names, dev, onNote } = this.#options;
    const { name } = plan;
    const log = createPoolLog(this.#options.log, name);
    const prepared = await prepareGeneration(
      configOfPool(config, plan, path),
      runtime,
      names,
    );
    const address = { kind: "unix", path } as const;
    let listener: Listener;
    try {
      listener = await runtime.listen(address, {
        queues: 1,
        reusePort: false,
        backlog: backlogOf(plan),
        unixMode: 0o600,
        unixOwner: owner,
      });
    } catch (cause) {
      const { files } = runtime;
      const flag = "RUNTIME_DIRECTORY";
      throw new BindError(
        `Cannot open the socket of task pool "${name}" at "${path}": ${
          explainUnix(path, cause, { files, flag })
        }; the variable ${flag} names another folder`,
        { cause },
      );
    }
    const generation: Generation = {
      ...prepared,
      compileCache: prepareCompileCache(prepared, runtime, (reason) => {
        log.debug(reason);
      }),
      listeners: [{
        asked: address,
        listener,
        sharing: { held: true, queues: 1, reusePort: false },
        taken: false,
      }],
      sockets: { id: 1, queues: 1, fresh: true },
    };
    const pool = new TaskPool({
      name,
      generation,
      runtime,
      log,
      dev,
      env: { ...env, [POOL_VARIABLE]: name },
      ...onNote && { onNote },
    });
    this.#living.add(pool);
    void pool.gone.then(() => {
      this.#living.delete(pool);
      const { calls } = pool.status();
      this.#calls.set(name, (this.#calls.get(name) ?? 0) + calls);
    });
    return pool;
  }

  /** @throws CornError once corn stops */
  #refuseStopped(): void {
    if (this.#stop !== undefined) throw new CornError("corn stops");
  }

  /** What a worker of a generation gets into its environment. */
  envOf(number: number): Readonly<Record<string, string>> {
    return this.#open.get(number)?.env ?? {};
  }

  /** Lets those of all other generations drain. */
  closeOthers(numbers: ReadonlySet<number>): void {
    for (const number of [...this.#open.keys()]) {
      if (!numbers.has(number)) this.#close(number);
    }
  }

  #close(number: number): void {
    const { pools = [] } = this.#open.get(number) ?? {};
    this.#open.delete(number);
    const { mode = "graceful", timeoutMs } = this.#stop ?? {};
    for (const pool of pools) pool.stop(mode, timeoutMs);
  }

  /** Ends all of them, those as well that are being opened; a second call can only shorten it. */
  async stop(mode: StopMode, timeoutMs?: number): Promise<void> {
    this.#stop = { mode, timeoutMs };
    for (const pool of this.#living) pool.stop(mode, timeoutMs);
    await Promise.all([...this.#living].map(({ gone }) => gone));
  }

  reopen(): void {
    for (const pool of this.#living) pool.reopen();
  }

  /** The pools of a generation; calls are those of all pools of the name. */
  status(number: number): TaskPoolStatus[] {
    const { pools = [] } = this.#open.get(number) ?? {};
    return pools.map((pool) => {
      const status = pool.status();
      const { name } = status;
      let calls = this.#calls.get(name) ?? 0;
      for (const living of this.#living) {
        const one = living.status();
        if (one.name === name) calls += one.calls;
      }
      return { ...status, calls };
    });
  }
}
