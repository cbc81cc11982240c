/** The loop that acts: it gathers events, asks the pool what follows, and does it. */
import type { Config } from "../config/types.ts";
import { CornError, messageOf } from "../errors.ts";
import { errorLogSettings } from "../log/settings.ts";
import { prepareAccessFile } from "./access-file.ts";
import { Alarm } from "./alarm.ts";
import type { Generation } from "./generation.ts";
import { Generations } from "./generations.ts";
import type { HandedAddress } from "./handover.ts";
import { nextDeadline } from "./health.ts";
import { createFacade, ServerHooks } from "./hooks.ts";
import type { CallOfConfig } from "./hooks.ts";
import { checkInvariants } from "./invariants.ts";
import type { ArbiterOptions, WorkerStatus } from "./options.ts";
import { advance, createPool } from "./pool.ts";
import { Processes } from "./processes.ts";
import { describeNote } from "./report.ts";
import type { Action, Note, PoolEvent, PoolState, StopMode } from "./state.ts";
import { Waiters } from "./waiters.ts";

export class Arbiter {
  readonly #options: ArbiterOptions;
  readonly #generations: Generations;
  readonly #processes: Processes;
  readonly #alarm: Alarm;
  readonly #hooks: ServerHooks;
  readonly #events: PoolEvent[] = [];
  #pool: PoolState | undefined;
  #config: Config;
  #busy = false;
  #rereading = false;
  #rereadAgain = false;
  /** Who waits for the reload that goes on, and for the one after it. */
  readonly #underway = new Waiters();
  readonly #asked = new Waiters();
  readonly #ready = Promise.withResolvers<void>();
  readonly #whole = Promise.withResolvers<void>();
  /** A stop was asked for while the last hooks ran. */
  readonly #hurried = Promise.withResolvers<void>();
  readonly #done = Promise.withResolvers<number>();

  constructor(options: ArbiterOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#generations = new Generations(options);
    this.#hooks = new ServerHooks(options, createFacade(this, options));
    this.#processes = new Processes({
      ...options,
      prepare: (post) => this.#hooks.prepareWorker(post),
      onEvent: (event) => this.#dispatch(event),
    });
    this.#alarm = new Alarm(
      options.runtime.clock,
      () => this.#dispatch({ type: "tick" }),
    );
    // Who waits for neither must not die of it.
    this.#ready.promise.catch(() => {});
  }

  /** Resolves with the exit code when every worker is gone. */
  get done(): Promise<number> {
    return this.#done.promise;
  }

  /** Resolves when the first worker is ready; rejects when none ever will be. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when all workers of the pool are ready for the first time. */
  get whole(): Promise<void> {
    return this.#whole.promise;
  }

  /** The config of the generation that serves. */
  get config(): Config {
    return this.#config;
  }

  /** Every address that is open, for an arbiter that takes over. */
  handover(): HandedAddress[] {
    return this.#generations.handover();
  }

  /** Calls `onStarting`. @throws CornError with what the hook threw as `cause` */
  starting(): Promise<void> {
    return this.#hooks.demand(this.#config, "onStarting");
  }

  /** Calls `preExec`. @throws CornError with what the hook threw as `cause` */
  upgrading(): Promise<void> {
    return this.#hooks.demand(this.#config, "preExec");
  }

  /** Calls `onExit`, the last hook of all. */
  ended(): Promise<void> {
    return this.#hooks.end(this.#config, this.#hurried.promise);
  }

  /** Finds app and runtime and opens the addresses. @throws CornError */
  async prepare(): Promise<Generation> {
    try {
      const generation = await this.#generations.open(1, this.#options.config);
      this.#generations.dropUnclaimed();
      return generation;
    } catch (error) {
      this.#generations.keep(new Set());
      throw error;
    }
  }

  /** Spawns the pool of what `prepare()` found. */
  start(): void {
    const { workers, limits, sockets, config } = this.#generations.get(1);
    const surge = config.settings.maxSurge;
    this.#pool = createPool({ wanted: workers, limits, sockets, surge });
    this.#call("nworkersChanged", workers, undefined);
    this.#dispatch({ type: "tick" });
  }

  stop(mode: StopMode): void {
    if (this.#pool?.over) this.#hurried.resolve();
    this.#options.notifier.stopping();
    this.#dispatch({ type: "stop", mode });
  }

  resize(by: 1 | -1): void {
    this.#dispatch({ type: "resize", by });
  }

  pause(): void {
    this.#dispatch({ type: "pause" });
  }

  /** Opens log files anew, since they may have been moved away. */
  reopen(): void {
    const { log, runtime } = this.#options;
    log.reopen();
    const serving = this.#generations.get(this.#pool?.generation ?? 1);
    try {
      prepareAccessFile(serving, runtime);
    } catch (error) {
      log.error(messageOf(error));
    }
    this.#processes.sendAll({ type: "reopen" });
  }

  /** Loads config and code anew; rejects when the old generation goes on instead. */
  reload(): Promise<void> {
    if (this.#pool === undefined || this.#pool.stop !== undefined) {
      return Promise.reject(new CornError("Cannot reload: corn does not run"));
    }
    const end = this.#asked.join();
    this.#dispatch({ type: "reload" });
    return end;
  }

  /** The addresses in use. */
  addresses(): string[] {
    return this.#generations.addressesOf(this.#pool?.generation ?? 1);
  }

  /** Connections that wait to be accepted over TCP; undefined where the system does not tell. */
  backlog(): number | undefined {
    return this.#generations.backlog(this.#pool?.generation ?? 1);
  }

  status(): WorkerStatus[] {
    return (this.#pool?.children ?? []).map(
      ({ age, slot, generation, phase }) => ({
        slot,
        pid: this.#processes.factsOf(age).pid,
        generation,
        phase,
        ...this.#processes.countsOf(age),
      }),
    );
  }

  #dispatch(event: PoolEvent): void {
    this.#events.push(event);
    if (this.#busy || this.#pool === undefined) return;
    this.#busy = true;
    const { clock, random } = this.#options.runtime;
    let now = clock.now();
    for (
      let next = this.#events.shift();
      next !== undefined;
      next = this.#events.shift()
    ) {
      now = clock.now();
      const { state, actions } = advance(this.#pool, next, { now, random });
      const before = this.#pool;
      this.#pool = state;
      if (this.#options.dev) checkInvariants(state);
      if (state.generation !== before.generation) {
        this.#config = this.#generations.get(state.generation).config;
      }
      if (state.wanted !== before.wanted) {
        this.#call("nworkersChanged", state.wanted, before.wanted);
      }
      if (next.type === "exited") {
        this.#hooks.exited(this.#processes.find(next.age), next.exit);
      }
      for (const action of actions) this.#act(action);
      if (next.type === "exited") this.#forget();
    }
    this.#busy = false;
    // What fell due since the last step is due still.
    if (!this.#pool.over) this.#alarm.setFor(nextDeadline(this.#pool, now));
  }

  #act(action: Action): void {
    switch (action.type) {
      case "spawn": {
        const number = action.generation;
        const generation = this.#generations.get(number);
        return this.#processes.spawn({ ...action, number, generation });
      }
      case "open":
        return this.#processes.send(action.age, {
          type: "open",
          queue: action.queue,
        });
      case "release":
        return this.#processes.send(action.age, {
          type: "release",
          queue: action.queue,
        });
      case "look":
        return this.#look();
      case "drain":
        return this.#processes.send(action.age, { type: "drain" });
      case "quit":
        return this.#processes.quit(action.age, action.gently);
      case "abort":
        return this.#processes.signal(action.age, "SIGABRT");
      case "kill":
        return this.#processes.signal(action.age, "SIGKILL");
      case "note":
        return this.#tell(action.note);
      case "reload":
        return void this.#reread();
      case "exit":
        return this.#finish(action.code);
    }
  }

  /** Reads the config and opens what it asks for; what is wrong with it changes nothing. */
  async #reread(): Promise<void> {
    if (this.#rereading) {
      this.#rereadAgain = true;
      return;
    }
    this.#rereading = true;
    this.#underway.takeFrom(this.#asked);
    this.#options.notifier.reloading();
    try {
      const number = (this.#pool as PoolState).lastGeneration + 1;
      const config = await this.#options.reread();
      const { workers, limits, sockets } = await this.#generations.open(
        number,
        config,
      );
      this.#options.log.configure(
        errorLogSettings(config, this.#options.runtime),
      );
      this.#options.onConfig?.(config);
      await this.#hooks.call(config, "onReload");
      this.#dispatch({
        type: "roll-out",
        wanted: workers,
        limits,
        sockets,
        surge: config.settings.maxSurge,
      });
    } catch (error) {
      this.#options.log.error(
        `Reload refused, nothing changes: ${messageOf(error)}`,
      );
      this.#underway.reject(error as Error);
      this.#options.notifier.settled("Serving: the reload was refused");
      this.#call("reloadFailed", error as Error);
    }
    this.#rereading = false;
    this.#forget();
    if (!this.#rereadAgain) return;
    this.#rereadAgain = false;
    this.#dispatch({ type: "reload" });
  }

  #look(): void {
    const { clock } = this.#options.runtime;
    const began = clock.now();
    const waiting = this.#generations.look();
    this.#dispatch({ type: "looked", waiting, ms: clock.now() - began });
  }

  #tell(note: Note): void {
    const line = describeNote(note, (age) => this.#processes.factsOf(age));
    if (line !== undefined) this.#options.log.log(line.level, line.text);
    const { notifier } = this.#options;
    switch (note.about) {
      case "ready":
        notifier.ready();
        this.#hooks.ready(this.#processes.find(note.child.age));
        this.#processes.forgetFailure();
        this.#ready.resolve();
        if (this.#isWhole()) this.#whole.resolve();
        return this.#generations.announce(note.child.generation);
      case "rollout":
        return this.#processes.forgetFailure();
      case "rolled-out":
        notifier.settled(`Serving generation ${note.generation}`);
        return this.#underway.resolve();
      case "rollout-failed":
        notifier.settled("Serving: the reload failed");
        this.#call("reloadFailed", new CornError(line?.text));
        return this.#underway.reject(new CornError("Reload failed"));
      case "paused":
        return this.#asked.reject(new CornError("Workers are paused"));
    }
  }

  /** Calls a hook of the config that serves. */
  readonly #call: CallOfConfig = (name, ...rest) => {
    this.#hooks.call(this.#config, name, ...rest);
  };

  #isWhole(): boolean {
    const { children, wanted } = this.#pool as PoolState;
    return children.filter(({ phase }) => phase === "ready").length >= wanted;
  }

  /** Lets go of generations that have no worker. */
  #forget(): void {
    const pool = this.#pool;
    if (pool === undefined || this.#rereading) return;
    const wanted = pool.over ? [] : [
      pool.generation,
      pool.rollout?.generation ?? pool.generation,
      ...pool.children.map(({ generation }) => generation),
    ];
    this.#generations.keep(new Set(wanted));
  }

  #finish(code: number): void {
    this.#alarm.close();
    this.#forget();
    for (const waiters of [this.#underway, this.#asked]) {
      waiters.reject(new CornError("Cannot reload: corn stops"));
    }
    this.#ready.reject(
      new CornError(
        code === 0
          ? "Stopped before a worker was ready"
          : `No worker became ready: exit code ${code}`,
      ),
    );
    void this.ended().then(() => this.#done.resolve(code));
  }
}
