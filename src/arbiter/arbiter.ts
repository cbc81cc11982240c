/** A running corn: its parts, its start, what is asked of it, its end. */
import { CornError, messageOf } from "../base/errors.ts";
import type { Config } from "../config/table/types.ts";
import type { ReloadOptions } from "../hooks/types.ts";
import { requestFigures } from "../plan/metrics.ts";
import { prepareAccessFile } from "./generations/access-file.ts";
import { mostDrainingOf } from "./generations/generation.ts";
import type { Generation } from "./generations/generation.ts";
import { Generations } from "./generations/generations.ts";
import { Lookout } from "./lookout/lookout.ts";
import type { CanaryCourse } from "./lookout/lookout.ts";
import { Loop } from "./loop/loop.ts";
import { Measuring } from "./measuring.ts";
import { Course } from "./milestones.ts";
import type { Milestones } from "./milestones.ts";
import type { ArbiterOptions } from "./options.ts";
import { PoolLog } from "./pool-log.ts";
import { PoolSteps } from "./pool-steps.ts";
import { PoolView } from "./pool-view.ts";
import { createPool } from "./pool/pool.ts";
import { clampSize } from "./pool/rules/size.ts";
import type { PoolEvent, StopMode } from "./pool/state.ts";
import { Reload } from "./reload.ts";
import { ServerHooks } from "./server-hooks.ts";
import { createServer } from "./server.ts";
import type { HandedAddress } from "./sockets/handed-address.ts";
import { withEnv } from "./tasks/additions.ts";
import { TaskPools } from "./tasks/task-pools.ts";
import { Processes } from "./workers/processes.ts";

export class Arbiter {
  readonly #options: ArbiterOptions;
  readonly #generations: Generations;
  readonly #processes: Processes;
  readonly #hooks: ServerHooks;
  readonly #loop: Loop;
  readonly #reload: Reload;
  readonly #lookout: Lookout;
  readonly #steps: PoolSteps;
  readonly #tasks: TaskPools;
  #stopping = false;
  #stop: { mode: StopMode; timeoutMs: number | undefined } | undefined;
  readonly #course = new Course();
  readonly milestones: Milestones = this.#course.milestones;
  /** What can be read of it. */
  readonly view: PoolView;
  /** What its workers are asked to tell of themselves. */
  readonly measuring: Measuring;

  constructor(options: ArbiterOptions) {
    this.#options = options;
    const generations = this.#generations = new Generations({
      ...options,
      rekey: (kept, done) => this.#processes.rekey(kept, done),
    });
    const hooks = this.#hooks = new ServerHooks(
      options,
      createServer(this, options),
    );
    const loop = this.#loop = new Loop({
      ...options,
      onStep: (step) => this.#steps.carryOut(step),
    });
    const tasks = this.#tasks = new TaskPools(options);
    const processes = this.#processes = new Processes({
      ...options,
      generationOf: (number) => generations.get(number),
      prepare: (order) =>
        withEnv(tasks.envOf(order.number), hooks.prepareWorker(order)),
      onEvent: (event) => loop.dispatch(event),
      onMetrics: (order, metrics) =>
        options.witness?.()?.onMetrics(order, metrics),
      onFigures: (order, figures) => {
        this.#lookout.note(order, figures);
        options.witness?.()?.onFigures(
          order,
          figures,
          requestFigures(order.generation.config.settings)?.bucketsMs ?? [],
        );
        options.onlooker?.()?.onFigures(order.age, figures);
      },
    });
    const reload = this.#reload = new Reload(options, {
      generations,
      hooks,
      tasks,
      loop,
      serving: () => this.config,
    });
    const view = this.view = new PoolView({
      clock: options.runtime.clock,
      generations,
      loop,
      processes,
      tasks,
    });
    this.measuring = new Measuring({
      self: options.runtime.self,
      processes,
      view,
      replace: (age) => this.replace(age, false),
    });
    const lookout = this.#lookout = new Lookout({
      ...options,
      loop,
      backlog: () => view.backlog(),
      tellFigures: (everyMs) => processes.tellFigures("pool", everyMs),
      timeAnswers: (everyMs) => processes.tellFigures("trial", everyMs),
      attempt: (what, run) => this.#steps.attempt(what, run),
    });
    this.#steps = new PoolSteps(options, {
      generations,
      processes,
      hooks,
      loop,
      reload,
      lookout,
      log: new PoolLog(options, processes),
      course: this.#course,
      onExit: (code) => this.#finish(code),
    });
  }

  /** True once a stop was asked for, or no worker is left. */
  get stopping(): boolean {
    return this.#stopping || this.view.state?.over === true;
  }

  /** The config of the generation that serves. */
  get config(): Config {
    return this.#steps.config;
  }

  /** Calls `onStarting`. @throws CornError with what the hook threw as `cause` */
  starting(): Promise<void> {
    return this.#hooks.callOrThrow(this.config, "onStarting");
  }

  /** Finds app and runtime and opens the addresses. @throws CornError */
  async prepare(): Promise<Generation> {
    try {
      const generation = await this.#generations.open(1, this.#options.config);
      this.#generations.closeUnclaimed();
      return generation;
    } catch (error) {
      this.#generations.closeOthers(new Set());
      throw error;
    }
  }

  /** Spawns the pool of what `prepare()` found, once its tasks can be called. */
  start(): void {
    const generation = this.#generations.get(1);
    if (generation.config.tasks.length === 0) return this.#begin();
    this.#tasks.open(1, generation).then(
      () => this.#begin(),
      (error) => this.#giveUp(error),
    );
  }

  /** Ends what was to be started. */
  #giveUp(error: unknown): void {
    this.#generations.closeOthers(new Set());
    if (this.#stopping) return this.#finish(0);
    this.#options.log.error(messageOf(error));
    this.#finish(error instanceof CornError ? error.exitCode : 1);
  }

  #begin(): void {
    const { workers, range, limits, sockets, bootsAtOnce, config } = this
      .#generations.get(1);
    const { maxSurge: surge } = config.settings;
    const maxDraining = mostDrainingOf(config);
    const { handedSize = workers } = this.#options;
    const wanted = range === undefined ? workers : clampSize(handedSize, range);
    this.#loop.begin(
      createPool({
        wanted,
        range,
        limits,
        sockets,
        surge,
        bootsAtOnce,
        maxDraining,
      }),
    );
    this.#steps.call("nworkersChanged", wanted, undefined);
    this.#dispatch({ type: "tick" });
  }

  /** Closes what `prepare()` opened, in place of `start()`. */
  cancel(): void {
    this.#generations.closeOthers(new Set());
    this.#course.reachEnd("Stopped before a worker was ready");
  }

  /** Stops; `timeoutMs` takes the place of the graceful timeout. */
  stop(mode: StopMode, timeoutMs?: number): void {
    this.#stopping = true;
    if (this.view.state?.over) this.#course.hurry();
    this.#options.notifier.stopping();
    this.#stop = { mode, timeoutMs };
    // The app may call its tasks until it is gone.
    if (this.view.state === undefined || this.view.state.over) {
      void this.#tasks.stop(mode, timeoutMs);
    }
    this.#dispatch({ type: "stop", mode, timeoutMs });
  }

  /** Loads config and code anew; rejects when the old generation goes on instead. */
  reload(how?: ReloadOptions): Promise<void> {
    const { state } = this.view;
    if (state === undefined || state.stop !== undefined) {
      return Promise.reject(new CornError("Cannot reload: corn does not run"));
    }
    return this.#reload.ask(how);
  }

  resize(by: 1 | -1): void {
    this.#dispatch({ type: "resize", by });
  }

  /** By hand, or `auto` to let the load decide again. @throws RangeError where no range is set */
  scale(to: number | "auto"): void {
    if (to === "auto" && this.view.state?.range === undefined) {
      throw new RangeError(
        "Cannot scale by load: give --workers a range, such as 2..8",
      );
    }
    this.#dispatch({ type: "scale", to });
  }

  pause(): void {
    this.#dispatch({ type: "pause" });
  }

  /** Replaces a worker because it was asked for: once another one is ready, or at once. */
  replace(age: number, now: boolean): void {
    this.#dispatch({
      type: "recycle",
      age,
      kind: "order",
      reason: "an order",
      failure: false,
      now,
    });
  }

  kill(age: number): void {
    this.#dispatch({ type: "kill", age });
  }

  /** How the trial of a canary goes; undefined where there is none. */
  canary(): CanaryCourse | undefined {
    return this.#lookout.canary();
  }

  /** Opens log files anew, since they may have been moved away; gives what failed. */
  reopen(): readonly string[] {
    const { log, runtime } = this.#options;
    const failures = [log.reopen()];
    const serving = this.#generations.get(this.view.generation);
    try {
      prepareAccessFile(serving, runtime);
    } catch (error) {
      const text = messageOf(error);
      log.error(text);
      failures.push(text);
    }
    this.#processes.sendAll({ type: "reopen" });
    this.#tasks.reopen();
    return failures.filter((text) => text !== undefined);
  }

  /** Every address that is open, for an arbiter that takes over. */
  handover(): HandedAddress[] {
    return this.#generations.handover();
  }

  /** No other arbiter has the addresses any more, or not this one's. */
  alone(): void {
    this.#generations.closeLeft();
  }

  /** Calls `preExec`. @throws CornError with what the hook threw as `cause` */
  upgrading(): Promise<void> {
    return this.#hooks.callOrThrow(this.config, "preExec");
  }

  /** Calls `onExit`, the last hook of all. */
  ended(): Promise<void> {
    return this.#hooks.end(this.config, this.milestones.hurried);
  }

  #dispatch(event: PoolEvent): void {
    this.#loop.dispatch(event);
  }

  #finish(code: number): void {
    this.#loop.close();
    this.#reload.closeUnserved();
    this.#reload.close(new CornError("Cannot reload: corn stops"));
    const { mode = "graceful", timeoutMs } = this.#stop ?? {};
    void this.#tasks.stop(mode, timeoutMs).then(() => this.#end(code));
  }

  #end(code: number): void {
    this.#course.reachEnd(
      code === 0
        ? "Stopped before a worker was ready"
        : `No worker became ready: exit code ${code}`,
    );
    void this.ended().then(() => this.#course.finish(code));
  }
}
