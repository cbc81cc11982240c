/** Runs for all who ask meanwhile. */

export interface SharedRunOptions {
  /** Waits before a run that follows another at once. */
  rest(): Promise<void>;
}

/**
 * Runs something one run at a time. Who asks while there is one gets what the
 * next gives, which begins later than the question, with all who ask until then.
 */
export class SharedRun<Value> {
  readonly #run: () => Promise<Value>;
  readonly #options: SharedRunOptions;
  #now: Promise<Value> | undefined;
  #next: Promise<Value> | undefined;

  constructor(run: () => Promise<Value>, options: SharedRunOptions) {
    this.#run = run;
    this.#options = options;
  }

  ask(): Promise<Value> {
    if (this.#next !== undefined) return this.#next;
    if (this.#now === undefined) return this.#begin();
    const ended = this.#now.then(() => {}, () => {});
    return this.#next = ended.then(() => this.#options.rest())
      .then(() => this.#begin());
  }

  #begin(): Promise<Value> {
    this.#next = undefined;
    const run = this.#now = this.#run();
    const end = () => {
      if (this.#now === run) this.#now = undefined;
    };
    run.then(end, end);
    return run;
  }
}
