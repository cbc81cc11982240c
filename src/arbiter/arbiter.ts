/** Carries out what the pool decides, and reports the outcome back as events. */
import { requestFigures } from "../plan/metrics.ts";
import type { Config } from "../config/table/types.ts";
import { CornError, messageOf } from "../base/errors.ts";
import { summarisedReport } from "../base/summarised-report.ts";
import { prepareAccessFile } from "./generations/access-file.ts";
import type { Generation } from "./generations/generation.ts";
import { mostDrainingOf } from "./generations/generation.ts";
import { Generations } from "./generations/generations.ts";
import type { HandedAddress } from "./sockets/handed-address.ts";
import { ServerHooks } from "./server-hooks.ts";
import type { CallOfConfig } from "./server-hooks.ts";
import { Lookout } from "./lookout.ts";
import { Loop } from "./loop.ts";
import type { PoolStep } from "./loop.ts";
import type { QueueNow } from "../telemetry/families.ts";
import type { RuntimeName } from "../runtime/runtime.ts";
import type { ReloadOptions, WorkerStatus } from "../hooks/types.ts";
import type { ArbiterOptions } from "./options.ts";
import { createPool } from "./pool/pool.ts";
import { Course } from "./milestones.ts";
import type { Milestones } from "./milestones.ts";
import { Processes } from "./workers/processes.ts";
import { Reload } from "./reload.ts";
import type { Sight } from "./pool/report.ts";
import type { Recorded } from "./workers/recordings.ts";
import { createServer } from "./server.ts";
import { clampSize } from "./pool/size.ts";
import { describeBlocked, describeNote, describeSlow } from "./pool/report.ts";
import type { ChildFacts } from "./pool/report.ts";
import type {
  Action,
  Note,
  PoolEvent,
  PoolState,
  StopMode,
} from "./pool/state.ts";

/** So long may a worker be silent that is at work, or at rest. */
const BLOCKED_BUSY_MS = 600;
const BLOCKED_IDLE_MS = 2000;

/** Where a worker is blocked. */
export interface Blocked extends Omit<Sight, "waiting"> {
  readonly ms: number;
  /** In words. */
  readonly text: string;
}

export class Arbiter {
  readonly #options: ArbiterOptions;
  readonly #generations: Generations;
  readonly #processes: Processes;
  readonly #hooks: ServerHooks;
  readonly #loop: Loop;
  readonly #reload: Reload;
  readonly #lookout: Lookout;
  #config: Config;
  #stopping = false;
  readonly #course = new Course();
  readonly milestones: Milestones = this.#course.milestones;
  /** Tells of blocked event loops. */
  readonly #slow: (text: string) => void;

  constructor(options: ArbiterOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#generations = new Generations(options);
    this.#hooks = new ServerHooks(options, createServer(this, options));
    this.#processes = new Processes({
      ...options,
      prepare: (order) => this.#hooks.prepareWorker(order),
      onEvent: (event) => this.#dispatch(event),
      onMetrics: (order, metrics) =>
        options.witness?.()?.onMetrics(order, metrics),
      onFigures: (order, figures) => {
        this.#lookout.note(order, figures);
        options.witness?.()?.onFigures(
          order,
          figures,
          requestFigures(order.generation.config.settings)?.bucketsMs ?? [],
        );
      },
    });
    this.#slow = summarisedReport({
      ...options.runtime,
      report: (text) => options.log.warning(text),
      more: (count, seconds) =>
        `Workers were blocked ${count} more times in the last ${seconds} s`,
    });
    this.#loop = new Loop({ ...options, onStep: (step) => this.#do(step) });
    this.#reload = new Reload(options, {
      generations: this.#generations,
      hooks: this.#hooks,
      loop: this.#loop,
      serving: () => this.#config,
    });
    this.#lookout = new Lookout({
      ...options,
      loop: this.#loop,
      backlog: () => this.backlog(),
      tellFigures: (everyMs) => this.#processes.tellFigures("pool", everyMs),
      attempt: (what, run) => this.#attempt(what, run),
    });
  }

  /** True once a stop was asked for, or no worker is left. */
  get stopping(): boolean {
    return this.#stopping || this.#pool?.over === true;
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
    return this.#hooks.callOrThrow(this.#config, "onStarting");
  }

  /** Calls `preExec`. @throws CornError with what the hook threw as `cause` */
  upgrading(): Promise<void> {
    return this.#hooks.callOrThrow(this.#config, "preExec");
  }

  /** Calls `onExit`, the last hook of all. */
  ended(): Promise<void> {
    return this.#hooks.end(this.#config, this.milestones.hurried);
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

  /** Spawns the pool of what `prepare()` found. */
  start(): void {
    const { workers, range, limits, sockets, config } = this.#generations.get(
      1,
    );
    const { maxSurge: surge } = config.settings;
    const maxDraining = mostDrainingOf(config);
    const { handedSize = workers } = this.#options;
    const wanted = range === undefined ? workers : clampSize(handedSize, range);
    this.#loop.begin(
      createPool({ wanted, range, limits, sockets, surge, maxDraining }),
    );
    this.#call("nworkersChanged", wanted, undefined);
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
    if (this.#pool?.over) this.#course.hurry();
    this.#options.notifier.stopping();
    this.#dispatch({ type: "stop", mode, timeoutMs });
  }

  resize(by: 1 | -1): void {
    this.#dispatch({ type: "resize", by });
  }

  /** By hand, or `auto` to let the load decide again. @throws RangeError where no range is set */
  scale(to: number | "auto"): void {
    if (to === "auto" && this.#pool?.range === undefined) {
      throw new RangeError(
        "Cannot scale by load: give --workers a range, such as 2..8",
      );
    }
    this.#dispatch({ type: "scale", to });
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
  reload(how?: ReloadOptions): Promise<void> {
    if (this.#pool === undefined || this.#pool.stop !== undefined) {
      return Promise.reject(new CornError("Cannot reload: corn does not run"));
    }
    return this.#reload.ask(how);
  }

  /** The addresses in use. */
  addresses(): string[] {
    return this.#generations.addressesOf(this.#pool?.generation ?? 1);
  }

  /** Connections that wait to be accepted over TCP; undefined where the system does not tell. */
  backlog(): number | undefined {
    return this.#generations.backlog(this.#pool?.generation ?? 1);
  }

  /** Has workers tell figures each `everyMs` from now on; 0 for not at all. */
  tellFigures(everyMs: number): void {
    this.#processes.tellFigures("metrics", everyMs);
  }

  /** Asks a worker for the app's own metrics. */
  collectMetrics(age: number, id: number): void {
    this.#processes.send(age, { type: "collect", id });
  }

  /** The state of the pool; undefined before the start. */
  get pool(): PoolState | undefined {
    return this.#pool;
  }

  /** What the workers of the generation that serves run on. */
  workerRuntime(): RuntimeName {
    return this.#generations.get(this.#pool?.generation ?? 1).release.runtime;
  }

  /** Connections that wait in each queue of what is served; empty where the system does not tell. */
  queues(): QueueNow[] {
    return this.#generations.queues(this.#pool?.generation ?? 1);
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

  /** Looks at where a worker is blocked; undefined where it is not. */
  async stackOf(age: number): Promise<Blocked | undefined> {
    const child = this.#pool?.children.find((one) => one.age === age);
    if (child === undefined) return undefined;
    const ms = this.#options.runtime.clock.lived() - child.lastBeat;
    if (ms < (child.busy ? BLOCKED_BUSY_MS : BLOCKED_IDLE_MS)) return undefined;
    const sight = await this.#processes.lookAt(age);
    this.#processes.watchAll();
    const facts = this.#processes.factsOf(age);
    const text = describeBlocked({ child, ms }, { facts, sight });
    return { ms, text, by: sight?.by, frames: sight?.frames ?? [] };
  }

  /** Has a worker record itself; resolves with a file. @throws CornError */
  record(age: number, what: Recorded, ms: number): Promise<string> {
    const { order } = this.#processes.find(age) ?? {};
    const { uid, gid = -1 } = order?.generation.identity ?? {};
    const owner = { uid: uid ?? this.#options.runtime.self.uid, gid };
    return this.#processes.recordings.record({ age, what, ms, owner });
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

  /** The slot of the worker whose process has this id. */
  slotOf(pid: number): number | undefined {
    for (const { age, slot } of this.#pool?.children ?? []) {
      if (this.#processes.pidOf(age) === pid) return slot;
    }
    return undefined;
  }

  /** How many workers there are to be; undefined before the start. */
  get size(): number | undefined {
    return this.#pool?.wanted;
  }

  get #pool(): PoolState | undefined {
    return this.#loop.pool;
  }

  #dispatch(event: PoolEvent): void {
    this.#loop.dispatch(event);
  }

  #do(step: PoolStep): void {
    const { event, before, after, actions } = step;
    this.#attempt("count", () => this.#options.witness?.()?.onStep(step));
    if (after.generation !== before.generation) {
      this.#attempt("follow the reload", () => {
        this.#config = this.#generations.get(after.generation).config;
      });
    }
    if (after.wanted !== before.wanted) {
      this.#call("nworkersChanged", after.wanted, before.wanted);
    }
    if (event.type === "exited") {
      this.#lookout.forget(event.age);
      this.#hooks.exited(this.#processes.find(event.age), event.exit);
    }
    for (const action of actions) {
      this.#attempt(action.type, () => this.#act(action));
    }
    if (event.type === "exited") this.#reload.closeUnserved();
    this.#lookout.follow(after);
  }

  /** Each action fails for itself: what else was decided is done all the same. */
  #attempt(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.log.error(
        `Cannot ${what}, the pool goes on: ${messageOf(error)}`,
      );
    }
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
      case "examine":
        return this.#processes.examine(action.age, action.stack);
      case "count-queues":
        return this.#countQueues();
      case "drain":
        return this.#processes.send(action.age, {
          type: "drain",
          ...(action.withinMs !== undefined && { withinMs: action.withinMs }),
        });
      case "quit":
        return this.#processes.quit(action.age, action.gently);
      case "abort":
        return this.#processes.signal(action.age, "SIGABRT");
      case "kill":
        return this.#processes.signal(action.age, "SIGKILL");
      case "note":
        return this.#onNote(action.note);
      case "reload":
        return void this.#reload.read();
      case "exit":
        return this.#finish(action.code);
    }
  }

  #countQueues(): void {
    const { clock } = this.#options.runtime;
    const began = clock.now();
    const waiting = this.#generations.countQueues();
    this.#dispatch({
      type: "queues-counted",
      waiting,
      ms: clock.now() - began,
    });
  }

  /** What was seen of it comes a little later than its beat. */
  async #tellSlow(note: Note & { about: "slow" }): Promise<void> {
    const { age } = note.child;
    const facts = this.#processes.factsOf(age);
    const sight = await this.#processes.sightOf(age);
    this.#slow(describeSlow(note, { facts, sight }).text);
  }

  #onNote(note: Note): void {
    const line = describeNote(note, (age) => this.#processes.factsOf(age));
    if (line !== undefined) this.#options.log.log(line.level, line.text);
    this.#options.onNote?.(note, {
      text: line?.text,
      facts: this.#factsOf(note),
    });
    switch (note.about) {
      case "ready":
        this.#options.notifier.ready();
        this.#hooks.ready(this.#processes.find(note.child.age));
        this.#processes.forgetFailure();
        this.#course.reachReady(this.#isWhole());
        return this.#generations.logAddresses(note.child.generation);
      case "rollout":
        return this.#processes.forgetFailure();
      case "silent":
        this.#processes.watchAll();
        return this.#reload.onNote(note, line?.text);
      case "slow":
        this.#processes.watchAll();
        return void this.#tellSlow(note);
      default:
        return this.#reload.onNote(note, line?.text);
    }
  }

  /** What is known of the worker that a note is about, or that is the cause of it. */
  #factsOf(note: Note): ChildFacts | undefined {
    const child = "child" in note
      ? note.child
      : "cause" in note
      ? note.cause?.child
      : undefined;
    return child && this.#processes.factsOf(child.age);
  }

  /** Calls a hook of the config that serves. */
  readonly #call: CallOfConfig = (name, ...rest) => {
    this.#hooks.call(this.#config, name, ...rest);
  };

  #isWhole(): boolean {
    const { children, wanted } = this.#pool as PoolState;
    return children.filter(({ phase }) => phase === "ready").length >= wanted;
  }

  #finish(code: number): void {
    this.#loop.close();
    this.#reload.closeUnserved();
    this.#reload.close(new CornError("Cannot reload: corn stops"));
    this.#course.reachEnd(
      code === 0
        ? "Stopped before a worker was ready"
        : `No worker became ready: exit code ${code}`,
    );
    void this.ended().then(() => this.#course.finish(code));
  }
}
