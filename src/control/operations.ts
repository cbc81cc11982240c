/** What was asked for and takes its time: each has a name to be asked for by later. */
import type { CanaryFacts, Failure, News, Subject } from "./subject.ts";

/** How many are kept. */
const KEPT = 50;

/** How far a change of the pool is. */
export interface Progress {
  readonly ready: number;
  readonly wanted: number;
}

/** What is told of an operation. */
export interface OperationReport {
  readonly operation: string;
  readonly state: "running" | "done" | "failed";
  /** What came of it, or what it is at. */
  readonly message: string;
  /** Rises with each change, see `wait`. */
  readonly step: number;
  readonly tookMs: number;
  readonly generation?: number;
  readonly progress?: Progress;
  readonly failure?: OperationFailure;
  /** What is not as it was asked for, though it is done. */
  readonly warnings?: readonly string[];
  /** Where a worker is blocked. */
  readonly blocked?: Blocked;
  /** How its canary does, or did when it was judged. */
  readonly canary?: CanaryFacts;
  /** The file that was written, for the client to take. */
  readonly file?: string;
}

export interface Blocked {
  readonly ms: number;
  /** null where it is not known. */
  readonly request: { readonly method: string; readonly path: string } | null;
  readonly frames: readonly string[];
  /** The thread that is; left out where the worker is one alone. */
  readonly thread?: number;
}

/** The worker that made it fail. */
export interface OperationFailure extends Failure {
  readonly worker?: number;
  readonly exit?: { readonly code?: number; readonly signal?: string };
}

/** The failure that news of a worker tell of. */
export function failureOf({ worker, exit, failure }: News): OperationFailure {
  return {
    ...worker && { worker: worker.slot },
    ...exit && { exit },
    ...failure ?? { message: "", stack: "" },
  };
}

type Change = Partial<
  Pick<
    OperationReport,
    | "message"
    | "generation"
    | "progress"
    | "warnings"
    | "blocked"
    | "canary"
    | "file"
  >
>;

/** An operation that goes on. */
export class Operation {
  readonly #now: () => number;
  readonly #began: number;
  #endedAt: number | undefined;
  #report: Omit<OperationReport, "tookMs">;
  readonly #waiting = new Set<() => void>();

  constructor(name: string, message: string, now: () => number) {
    this.#now = now;
    this.#began = now();
    this.#report = {
      operation: name,
      state: "running",
      message,
      step: 0,
    };
  }

  get report(): OperationReport {
    const tookMs = (this.#endedAt ?? this.#now()) - this.#began;
    return { ...this.#report, tookMs: Math.round(tookMs) };
  }

  get over(): boolean {
    return this.#report.state !== "running";
  }

  /** Tells how far it is. */
  change(change: Change): void {
    this.#set(change);
  }

  done(message: string): void {
    this.#set({ state: "done", message });
  }

  fail(message: string, failure?: OperationFailure): void {
    this.#set({ state: "failed", message, ...failure && { failure } });
  }

  #set(change: Partial<OperationReport>): void {
    if (this.over) return;
    this.#report = { ...this.#report, ...change, step: this.#report.step + 1 };
    if (this.over) this.#endedAt = this.#now();
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves when there is more to tell than at step `seen`, at its end where that is Infinity, and after `ms` at the latest. */
  wait(
    seen: number,
    ms: number,
    after: Subject["after"],
  ): Promise<OperationReport> {
    if (this.over || this.#report.step > seen || ms === 0) {
      return Promise.resolve(this.report);
    }
    return new Promise((resolve) => {
      const end = () => {
        timer.close();
        this.#waiting.delete(wake);
        resolve(this.report);
      };
      const wake = () => {
        if (this.over || this.#report.step > seen) end();
      };
      const timer = after(ms, end);
      this.#waiting.add(wake);
    });
  }
}

export class Operations {
  readonly #now: () => number;
  readonly #all = new Map<string, Operation>();
  #last = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Begins one of a kind. */
  begin(kind: string, message: string): Operation {
    const name = `${kind}-${++this.#last}`;
    const operation = new Operation(name, message, this.#now);
    this.#all.set(name, operation);
    for (const [old, { over }] of this.#all) {
      if (this.#all.size <= KEPT) break;
      if (over) this.#all.delete(old);
    }
    return operation;
  }

  find(name: string): Operation | undefined {
    return this.#all.get(name);
  }
}
