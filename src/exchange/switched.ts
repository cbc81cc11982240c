/** Connections that became another protocol's: a request to upgrade lasts as long as what it began. */

/** How it ended. */
export interface SwitchedEnd {
  /** The status that was sent. */
  readonly status: number;
  /** Bytes that were sent to the client; undefined where that is not known. */
  readonly bytes: number | undefined;
}

/** One such connection. */
export class Switched {
  #end: SwitchedEnd | undefined;
  readonly #runs: ((end: SwitchedEnd) => void)[] = [];

  /** Calls `run` when it has ended. */
  onEnd(run: (end: SwitchedEnd) => void): void {
    if (this.#end === undefined) this.#runs.push(run);
    else run(this.#end);
  }

  /** Tells that it has ended. */
  end(end: SwitchedEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (const run of this.#runs.splice(0)) run(end);
  }
}

const switched = new WeakMap<object, Switched>();

/** Notes one by what stands for its response: a Response, or a response of Node. */
export function noteSwitched(answer: object): Switched {
  const one = new Switched();
  switched.set(answer, one);
  return one;
}

/** What a response stands for. */
export function switchedOf(answer: object): Switched | undefined {
  return switched.get(answer);
}
