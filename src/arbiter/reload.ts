/** Reloads as those see them who ask: the config is read, one at a time, and they wait for what comes of it. */
import type { Config } from "../config/table/types.ts";
import { CornError, messageOf } from "../base/errors.ts";
import { errorLogSettings } from "../plan/log.ts";
import { mostDrainingOf } from "./generations/generation.ts";
import type { Generation } from "./generations/generation.ts";
import type { ArbiterOptions } from "./options.ts";
import type { PoolEvent } from "./pool/state.ts";
import { Waiters } from "./waiters.ts";

/** What a reload needs of its arbiter. */
export interface ReloadingHost {
  /** Opens what a config asks for, as the next generation. @throws CornError */
  open(config: Config): Promise<Generation>;
  /** Nothing can fail any more: calls the hook. */
  onReload(config: Config): unknown;
  onFailed(error: Error): void;
  /** The config is read, or refused. */
  onRead(): void;
  onEvent(event: PoolEvent): void;
}

type ReloadingOptions = Pick<
  ArbiterOptions,
  "runtime" | "log" | "notifier" | "reread" | "onConfig"
>;

export class Reloading {
  readonly #options: ReloadingOptions;
  readonly #host: ReloadingHost;
  #reading = false;
  #again = false;
  /** Who waits for the reload that goes on, and for the one after it. */
  readonly #underway = new Waiters();
  readonly #asked = new Waiters();

  constructor(options: ReloadingOptions, host: ReloadingHost) {
    this.#options = options;
    this.#host = host;
  }

  /** True while a generation is opened that the pool does not know of. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Asks for a reload; rejects when the old generation goes on instead. */
  ask(): Promise<void> {
    const end = this.#asked.join();
    this.#host.onEvent({ type: "reload" });
    return end;
  }

  /** Reads the config and opens what it asks for; what is wrong with it changes nothing. */
  async read(): Promise<void> {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    const { runtime, log, notifier } = this.#options;
    try {
      notifier.reloading();
      const config = await this.#readConfig();
      const { workers, limits, sockets } = await this.#host.open(config);
      log.configure(errorLogSettings(config, runtime));
      this.#options.onConfig?.(config);
      await this.#host.onReload(config);
      this.#host.onEvent({
        type: "roll-out",
        wanted: workers,
        limits,
        sockets,
        surge: config.settings.maxSurge,
        maxDraining: mostDrainingOf(config),
      });
    } catch (error) {
      log.error(`Reload refused, nothing changes: ${messageOf(error)}`);
      this.#underway.reject(error as Error);
      notifier.settled("Serving: the reload was refused");
      this.#host.onFailed(error as Error);
    }
    this.#reading = false;
    this.#host.onRead();
    if (!this.#again) return;
    this.#again = false;
    this.#host.onEvent({ type: "reload" });
  }

  /** Reads the config, again where it was asked for meanwhile: what is there now counts. */
  async #readConfig(): Promise<Config> {
    while (true) {
      this.#again = false;
      this.#underway.takeFrom(this.#asked);
      try {
        const config = await this.#options.reread();
        if (!this.#again) return config;
      } catch (error) {
        if (!this.#again) throw error;
      }
    }
  }

  /** The new generation serves. */
  done(generation: number): void {
    this.#options.notifier.settled(`Serving generation ${generation}`);
    this.#underway.resolve();
  }

  /** The new generation makes way for another: what was waited for is what comes of that. */
  supersede(): void {
    this.#asked.takeFrom(this.#underway);
  }

  /** The new generation was given up; `why` is what the log says. */
  fail(why: string | undefined): void {
    this.#options.notifier.settled("Serving: the reload failed");
    this.#host.onFailed(new CornError(why));
    this.#underway.reject(new CornError("Reload failed"));
  }

  /** What was asked for is not begun. */
  refuse(error: Error): void {
    this.#asked.reject(error);
  }

  /** Ends all waiting. */
  close(error: Error): void {
    this.#underway.reject(error);
    this.#asked.reject(error);
  }
}
