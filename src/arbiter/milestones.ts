/** What a caller can wait for in an arbiter's life. */
import { CornError } from "../base/errors.ts";

export interface Milestones {
  /** Resolves when the first worker is ready; rejects when none ever will be. */
  readonly ready: Promise<void>;
  /** Resolves when all workers of the pool are ready for the first time; rejects when they never will be. */
  readonly whole: Promise<void>;
  /** Resolves when every worker is gone; hooks may still run. */
  readonly gone: Promise<void>;
  /** Resolves when a stop was asked for while the last hooks ran. */
  readonly hurried: Promise<void>;
  /** Resolves with the exit code when every worker is gone and the last hook has ended. */
  readonly done: Promise<number>;
}

/** An arbiter's way from one to the next. */
export class Course {
  readonly #ready = Promise.withResolvers<void>();
  readonly #whole = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #hurried = Promise.withResolvers<void>();
  readonly #done = Promise.withResolvers<number>();

  readonly milestones: Milestones = {
    ready: this.#ready.promise,
    whole: this.#whole.promise,
    gone: this.#gone.promise,
    hurried: this.#hurried.promise,
    done: this.#done.promise,
  };

  constructor() {
    // A caller that awaits neither must not cause an unhandled rejection.
    this.#ready.promise.catch(() => {});
    this.#whole.promise.catch(() => {});
  }

  /** A worker is ready; `all` where none is missing. */
  reachReady(all: boolean): void {
    this.#ready.resolve();
    if (all) this.#whole.resolve();
  }

  /** Every worker is gone; `why` says it where none was ready. */
  reachEnd(why: string): void {
    this.#ready.reject(new CornError(why));
    this.#whole.reject(new CornError("Stopped before all workers were ready"));
    this.#gone.resolve();
  }

  /** Lets what still runs be waited for no longer. */
  hurry(): void {
    this.#hurried.resolve();
  }

  finish(code: number): void {
    this.#done.resolve(code);
  }
}
