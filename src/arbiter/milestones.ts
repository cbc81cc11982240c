/** What a caller can wait for in an arbiter's life. */
import { CornError } from "../base/errors.ts";

export class Milestones {
  readonly #ready = Promise.withResolvers<void>();
  readonly #whole = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  readonly #hurried = Promise.withResolvers<void>();
  readonly #done = Promise.withResolvers<number>();

  constructor() {
    // A caller that awaits neither must not cause an unhandled rejection.
    this.#ready.promise.catch(() => {});
    this.#whole.promise.catch(() => {});
  }

  /** The first worker is ready; rejects when none ever will be. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** All workers of the pool are ready for the first time; rejects when they never will be. */
  get whole(): Promise<void> {
    return this.#whole.promise;
  }

  /** Every worker is gone; hooks may still run. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** A stop was asked for while the last hooks ran. */
  get hurried(): Promise<void> {
    return this.#hurried.promise;
  }

  /** Every worker is gone and the last hook has ended: the exit code. */
  get done(): Promise<number> {
    return this.#done.promise;
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
