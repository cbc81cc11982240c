/** A reload, from its request to what comes of it: the config is read, one at a time, then opened, its hook called and its roll-out begun. */
import type { Config } from "../config/table/types.ts";
import { CornError, messageOf } from "../base/errors.ts";
import { parseValue, problemOf } from "../config/table/values.ts";
import type { ReloadOptions } from "../hooks/types.ts";
import { errorLogSettings } from "../plan/log.ts";
import { canaryOf, mostDrainingOf } from "./generations/generation.ts";
import type { Generations } from "./generations/generations.ts";
import type { ServerHooks } from "./server-hooks.ts";
import type { Loop } from "./loop/loop.ts";
import type { ArbiterOptions } from "./options.ts";
import { generationsOf } from "./pool/children.ts";
import type { Note, PoolState } from "./pool/state.ts";
import type { TaskPools } from "./tasks/task-pools.ts";
import { Waiters } from "./waiters.ts";

/** The parts of the arbiter that a reload works with. */
export interface ReloadParts {
  readonly generations: Generations;
  readonly hooks: ServerHooks;
  readonly tasks: TaskPools;
  readonly loop: Loop;
  /** The config of the generation that serves. */
  serving(): Config;
}

type Options = Pick<
  ArbiterOptions,
  "runtime" | "log" | "notifier" | "reread" | "onConfig" | "witness"
>;

/** A config that is read for longer is told of. */
const SAY_MS = 2000;

/** Where a setting of one reload comes from. */
const ORDER = "reload()";

const STOPS = "corn stops";
const PAUSED = "Workers are paused";

export class Reload {
  readonly #options: Options;
  readonly #parts: ReloadParts;
  #reading = false;
  /** What was ordered last since reading began, where it stands against going on. */
  #meanwhile: "reload" | "pause" | undefined;
  /** What the next roll-out is to be judged by; undefined for what the settings say. */
  #canary: number | undefined;
  /** The same of the one that goes on. */
  #canaryUnderway: number | undefined;
  /** Callers that wait for the reload that goes on, and for the one after it. */
  readonly #underway = new Waiters();
  readonly #asked = new Waiters();

  constructor(options: Options, parts: ReloadParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Asks for a reload; rejects when the old generation goes on instead. */
  ask({ canary }: ReloadOptions = {}): Promise<void> {
    if (canary !== undefined) {
      const given = { value: canary, origin: ORDER };
      const problem = problemOf("canary", given);
      if (problem !== undefined) return Promise.reject(problem);
      this.#canary = parseValue("canary", given);
    }
    const end = this.#asked.join();
    this.#parts.loop.dispatch({ type: "reload" });
    return end;
  }

  /** Reads the config and opens what it asks for, again where that was asked for meanwhile: what is there now counts. */
  async read(): Promise<void> {
    if (this.#reading) {
      this.#meanwhile = "reload";
      return;
    }
    this.#reading = true;
    do {
      this.#meanwhile = undefined;
      this.#underway.takeFrom(this.#asked);
      try {
        await this.#begin();
      } catch (error) {
        // Callers are told of a stop at its end.
        if (!this.#isAskedAgain() && !this.#stops()) {
          this.#refuse(error as Error);
        }
      }
      this.#letGo();
    } while (this.#isAskedAgain() && !this.#stops());
    this.#reading = false;
  }

  /** @throws what is wrong with the config, or CornError where something else was ordered meanwhile; nothing changes then */
  async #begin(): Promise<void> {
    const { runtime, log, notifier } = this.#options;
    const { generations, hooks, loop, tasks } = this.#parts;
    notifier.reloading();
    const config = this.#judged(await this.#reread());
    this.#expectWanted();
    const number = (loop.pool as PoolState).lastGeneration + 1;
    const generation = await generations.open(number, config);
    await tasks.open(number, generation);
    this.#expectWanted();
    await this.#options.onConfig?.(config);
    this.#expectWanted();
    log.configure(errorLogSettings(config, runtime));
    await hooks.call(config, "onReload");
    this.#expectWanted();
    this.#canaryUnderway = this.#canary;
    this.#canary = undefined;
    const { workers, range, limits, sockets } = generation;
    loop.dispatch({
      type: "roll-out",
      wanted: workers,
      range,
      canary: canaryOf(config),
      limits,
      sockets,
      surge: config.settings.maxSurge,
      maxDraining: mostDrainingOf(config),
    });
  }

  /** Reads the config, which may be code that waits. @throws what is wrong with it */
  async #reread(): Promise<Config> {
    const { runtime, log } = this.#options;
    const waiting = runtime.clock.after(SAY_MS, () => {
      const { file } = this.#parts.serving();
      log.info(
        `The reload waits for ${
          file === undefined ? "the config" : `config file "${file}"`
        }, which is being read`,
      );
    });
    try {
      return await this.#options.reread();
    } finally {
      waiting.close();
    }
  }

  /** @throws CornError where something was ordered meanwhile that stands against going on */
  #expectWanted(): void {
    if (this.#stops()) throw new CornError(STOPS);
    if (this.#meanwhile === "pause") throw new CornError(PAUSED);
    if (this.#meanwhile === "reload") throw new CornError("It begins again");
  }

  #isAskedAgain(): boolean {
    return this.#meanwhile === "reload";
  }

  #stops(): boolean {
    const { pool } = this.#parts.loop;
    return pool?.stop !== undefined || pool?.over === true;
  }

  #refuse(error: Error): void {
    const { log, notifier, witness } = this.#options;
    const { hooks, serving } = this.#parts;
    this.#canary = undefined;
    log.error(`Reload refused, nothing changes: ${messageOf(error)}`);
    witness?.()?.onRefused();
    this.#underway.reject(error);
    notifier.settled("Serving: the reload was refused");
    hooks.call(serving(), "reloadFailed", error);
  }

  /** The config with what was asked for besides. */
  #judged(config: Config): Config {
    const canary = this.#canary;
    if (canary === undefined) return config;
    return {
      ...config,
      settings: { ...config.settings, canary },
      origins: { ...config.origins, canary: ORDER },
    };
  }

  /** Takes what comes of a roll-out; `text` is what the log says of it. */
  onNote(note: Note, text: string | undefined): void {
    const { notifier } = this.#options;
    switch (note.about) {
      case "rollout-superseded":
        // What was waited for is what comes of the next one, judged as this one was to be.
        this.#canary ??= this.#canaryUnderway;
        return this.#asked.takeFrom(this.#underway);
      case "rolled-out":
        notifier.settled(`Serving generation ${note.generation}`);
        return this.#underway.resolve();
      case "rollout-failed": {
        const { hooks, serving } = this.#parts;
        notifier.settled("Serving: the reload failed");
        hooks.call(serving(), "reloadFailed", new CornError(text));
        return this.#underway.reject(new CornError(text ?? "Reload failed"));
      }
      case "paused":
        this.#meanwhile = "pause";
        this.#canary = undefined;
        return this.#asked.reject(new CornError(PAUSED));
    }
  }

  /** Lets go of generations that have no worker, unless one is being opened that the pool does not know of. */
  closeUnserved(): void {
    if (!this.#reading) this.#letGo();
  }

  #letGo(): void {
    const { generations, tasks, loop: { pool } } = this.#parts;
    if (pool === undefined) return;
    try {
      generations.closeOthers(generationsOf(pool));
      // While corn stops those of the last one have their end after it.
      if (!pool.over) tasks.closeOthers(generationsOf(pool));
    } catch (error) {
      this.#options.log.error(
        `Cannot let go of what is not served any more, the pool goes on: ${
          messageOf(error)
        }`,
      );
    }
  }

  /** Ends all waiting. */
  close(error: Error): void {
    this.#underway.reject(error);
    this.#asked.reject(error);
  }
}
