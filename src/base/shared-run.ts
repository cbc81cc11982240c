/** One run at a time of a function, whose result all callers share that wait for it. */

export interface SharedRunOptions {
  /** Waits before a run that follows another at once. */
  rest(): Promise<void>;
}

/**
 * Never runs the function twice at the same time. A call during a run gets the
 * result of the next run, as do all other calls until that begins: so a result
 * is never older than the call.
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
