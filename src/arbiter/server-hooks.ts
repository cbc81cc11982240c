/** The hooks that the arbiter calls: deciding goes on while one of them takes its time. */
import type { Config } from "../config/table/types.ts";
import { CornError, messageOf } from "../base/errors.ts";
import { callHook } from "../hooks/call.ts";
import type { Outcome } from "../hooks/call.ts";
import type {
  ArbiterHooks,
  CornServer,
  HookChild,
  WorkerAdditions,
} from "../hooks/types.ts";
import type { ErrorLog } from "../log/error/error-log.ts";
import type { Runtime, RuntimeName } from "../runtime/runtime.ts";
import type { SpawnOrder, StartedWorker } from "./workers/spawn-order.ts";
import type { Exit } from "./pool/state.ts";
import { checkWorkerArgs } from "./command/worker-args.ts";

export interface ServerHooksOptions {
  readonly runtime: Runtime;
  readonly log: ErrorLog;
  /** Called once, before the first hook. */
  guard?(): void;
}

/** What a hook is called with beside the server. */
type Rest<Name extends keyof ArbiterHooks> =
  NonNullable<ArbiterHooks[Name]> extends
    (server: CornServer, ...rest: infer Arguments) => unknown ? Arguments
    : never;

/** Calls a hook of the config that serves. */
export type CallOfConfig = <Name extends keyof ArbiterHooks>(
  name: Name,
  ...rest: Rest<Name>
) => void;

type Given = Pick<Config, "hooks" | "settings">;

export class ServerHooks {
  readonly #options: ServerHooksOptions;
  readonly #server: CornServer;
  /** Calls that have not ended. */
  readonly #open = new Set<Promise<Outcome>>();
  #everReady = false;
  #guarded = false;

  constructor(options: ServerHooksOptions, server: CornServer) {
    this.#options = options;
    this.#server = server;
  }

  /** Calls a hook of a config; `done` at once where it is not given or returns no promise. */
  call<Name extends keyof ArbiterHooks>(
    { hooks, settings }: Given,
    name: Name,
    ...rest: Rest<Name>
  ): Outcome | Promise<Outcome> {
    if (hooks[name] === undefined) return { end: "done", value: undefined };
    if (!this.#guarded) this.#options.guard?.();
    this.#guarded = true;
    const call = hooks[name] as (...all: unknown[]) => unknown;
    const outcome = callHook(
      name,
      () => call.call(hooks, this.#server, ...rest),
      {
        clock: this.#options.runtime.clock,
        log: this.#options.log,
        limitMs: settings.hookTimeout * 1000,
      },
    );
    if (!(outcome instanceof Promise)) return outcome;
    // Only its worker waits for a preFork, and may have been given up.
    if (name === "preFork") return outcome;
    this.#open.add(outcome);
    void outcome.then(() => this.#open.delete(outcome));
    return outcome;
  }

  /** Calls a hook that may refuse. @throws CornError with what it threw as `cause` */
  async callOrThrow(
    config: Given,
    name: "onStarting" | "preExec",
  ): Promise<void> {
    const outcome = await this.call(config, name);
    if (outcome.end !== "failed") return;
    throw new CornError(`Hook ${name} failed: ${messageOf(outcome.error)}`, {
      cause: outcome.error,
    });
  }

  /** Calls `preFork` and gives what it adds to its worker; nothing where it fails. */
  prepareWorker(order: SpawnOrder): WorkerAdditions | Promise<WorkerAdditions> {
    const outcome = this.call(
      order.generation.config,
      "preFork",
      describe({ order, pid: undefined }),
    );
    const { runtime } = order.generation.release;
    return outcome instanceof Promise
      ? outcome.then((outcome) => this.#additions(outcome, runtime))
      : this.#additions(outcome, runtime);
  }

  #additions(outcome: Outcome, runtime: RuntimeName): WorkerAdditions {
    if (outcome.end !== "done") return {};
    try {
      const additions = readAdditions(outcome.value);
      const { args = [] } = additions;
      checkWorkerArgs(args, { runtime, origin: "preFork" });
      return additions;
    } catch (error) {
      this.#options.log.error(
        `Hook preFork failed: cannot use what it returned, ${messageOf(error)}`,
      );
      return {};
    }
  }

  /** Calls `workerReady`, and `whenReady` after the first. */
  ready(worker: StartedWorker | undefined): void {
    if (worker === undefined) return;
    const { config } = worker.order.generation;
    this.call(config, "workerReady", describe(worker));
    if (this.#everReady) return;
    this.#everReady = true;
    this.call(config, "whenReady");
  }

  /** Calls `childExit`, unless the process could not be started at all. */
  exited(worker: StartedWorker | undefined, { code, signal }: Exit): void {
    if (worker?.pid === undefined) return;
    this.call(worker.order.generation.config, "childExit", describe(worker), {
      ...(code !== undefined && { code }),
      ...(signal !== undefined && { signal }),
    });
  }

  /** Calls `onExit` once all other hooks have ended, and waits for it unless a second stop comes. */
  async end(config: Given, hurried: Promise<void>): Promise<void> {
    await Promise.race([this.#end(config), hurried]);
  }

  async #end(config: Given): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
    await this.call(config, "onExit");
  }
}

function describe({ order, pid }: StartedWorker): HookChild {
  const { slot, age, number } = order;
  return { slot, age, generation: number, pid };
}

/** Reads what a `preFork` returned. @throws TypeError */
function readAdditions(value: unknown): WorkerAdditions {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object") {
    throw new TypeError("give an object with env and args");
  }
  const unknown = Object.keys(value).find((name) =>
    name !== "env" && name !== "args"
  );
  if (unknown !== undefined) {
    throw new TypeError(`give env and args, not "${unknown}"`);
  }
  const { env = {}, args = [] } = value as {
    env?: unknown;
    args?: unknown;
  };
  const isEnv = typeof env === "object" && env !== null &&
    Object.values(env).every((one) => typeof one === "string");
  if (!isEnv) throw new TypeError("give env as an object of strings");
  if (!Array.isArray(args) || args.some((one) => typeof one !== "string")) {
    throw new TypeError("give args as an array of strings");
  }
  return { env: env as Record<string, string>, args: args as string[] };
}
