/** Does what a step of the pool came to: carries its actions out, and tells all that follow the pool. */
import { messageOf } from "../base/errors.ts";
import type { Config } from "../config/table/types.ts";
import type { Generations } from "./generations/generations.ts";
import type { Lookout } from "./lookout/lookout.ts";
import type { Loop, PoolStep } from "./loop/loop.ts";
import type { Course } from "./milestones.ts";
import type { ArbiterOptions } from "./options.ts";
import type { PoolLog } from "./pool-log.ts";
import type { Action, Note } from "./pool/state.ts";
import type { Reload } from "./reload.ts";
import type { CallOfConfig, ServerHooks } from "./server-hooks.ts";
import type { Processes } from "./workers/processes.ts";

/** The parts of the arbiter that a step concerns. */
export interface PoolStepsParts {
  readonly generations: Generations;
  readonly processes: Processes;
  readonly hooks: ServerHooks;
  readonly loop: Loop;
  readonly reload: Reload;
  readonly lookout: Lookout;
  readonly log: PoolLog;
  readonly course: Course;
  /** No worker is left, and none is to come. */
  onExit(code: number): void;
}

type Options = Pick<
  ArbiterOptions,
  "runtime" | "log" | "notifier" | "config" | "witness" | "onlooker"
>;

export class PoolSteps {
  readonly #options: Options;
  readonly #parts: PoolStepsParts;
  #config: Config;

  constructor(options: Options, parts: PoolStepsParts) {
    this.#options = options;
    this.#parts = parts;
    this.#config = options.config;
  }

  /** The config of the generation that serves. */
  get config(): Config {
    return this.#config;
  }

  /** Calls a hook of the config that serves. */
  readonly call: CallOfConfig = (name, ...rest) => {
    this.#parts.hooks.call(this.#config, name, ...rest);
  };

  carryOut(step: PoolStep): void {
    const { event, before, after, actions } = step;
    const { witness, onlooker } = this.#options;
    const { generations, hooks, lookout, processes, reload } = this.#parts;
    this.attempt("count", () => witness?.()?.onStep(step));
    if (after.generation !== before.generation) {
      this.attempt("follow the reload", () => {
        this.#config = generations.get(after.generation).config;
      });
    }
    if (after.wanted !== before.wanted) {
      this.call("nworkersChanged", after.wanted, before.wanted);
    }
    if (event.type === "exited") {
      lookout.forget(event.age);
      onlooker?.()?.onExited(event.age);
      hooks.exited(processes.find(event.age), event.exit);
    }
    for (const action of actions) {
      this.attempt(action.type, () => this.#act(action));
    }
    // A generation may have lost its last worker before the next one serves.
    if (event.type === "exited" || after.rollout !== before.rollout) {
      reload.closeUnserved();
    }
    lookout.follow(after);
  }

  /** Each action fails for itself: what else was decided is done all the same. */
  attempt(what: string, run: () => void): void {
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
      case "count-queues":
        return this.#countQueues();
      case "note":
        return this.#onNote(action.note);
      case "reload":
        return void this.#parts.reload.read();
      case "exit":
        return this.#parts.onExit(action.code);
      default:
        return this.#parts.processes.carryOut(action);
    }
  }

  #countQueues(): void {
    const { generations, loop } = this.#parts;
    const { clock } = this.#options.runtime;
    const began = clock.now();
    const waiting = generations.countQueues();
    loop.dispatch({
      type: "queues-counted",
      waiting,
      ms: clock.now() - began,
    });
  }

  #onNote(note: Note): void {
    const { course, generations, hooks, log, processes, reload } = this.#parts;
    const text = log.tell(note);
    switch (note.about) {
      case "ready":
        this.#options.notifier.ready();
        hooks.ready(processes.find(note.child.age));
        processes.forgetFailure();
        course.reachReady(this.#isWhole());
        return generations.logAddresses(note.child.generation);
      case "rollout":
        return processes.forgetFailure();
      case "silent":
      case "slow":
        return processes.watchAll();
      default:
        return reload.onNote(note, text);
    }
  }

  #isWhole(): boolean {
    const { children = [], wanted = 0 } = this.#parts.loop.pool ?? {};
    return children.filter(({ phase }) => phase === "ready").length >= wanted;
  }
}
