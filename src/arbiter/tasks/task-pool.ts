/** One pool of tasks: its loop, its processes and its socket, kept as the app's own pool is. */
import { AppError, BootError, messageOf } from "../../base/errors.ts";
import type { ErrorLog } from "../../log/error/error-log.ts";
import { EXIT_APP_FAILED } from "../../protocol/messages.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Generation } from "../generations/generation.ts";
import { Loop } from "../loop/loop.ts";
import type { PoolStep } from "../loop/loop.ts";
import { createPool } from "../pool/pool.ts";
import { describeNote } from "../telling/notes.ts";
import type { Action, Note, StopMode } from "../pool/state.ts";
import type { ToldNote } from "../telling/child-facts.ts";
import { Processes } from "../workers/processes.ts";

export interface TaskPoolOptions {
  readonly name: string;
  readonly generation: Generation;
  readonly runtime: Runtime;
  /** The log, which names the pool. */
  readonly log: ErrorLog;
  readonly dev: boolean;
  /** What its processes get into their environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes what happens in it. */
  onNote?(note: Note, told: ToldNote): void;
}

/** What is told of a pool. */
export interface TaskPoolStatus {
  readonly name: string;
  readonly wanted: number;
  /** Processes that are ready. */
  readonly ready: number;
  /** Calls that have begun since the pool was opened. */
  readonly calls: number;
  /** Calls that run, by the last beats. */
  readonly open: number;
  readonly pids: readonly number[];
}

export class TaskPool {
  readonly #options: TaskPoolOptions;
  readonly #processes: Processes;
  readonly #loop: Loop;
  readonly #ready = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  /** Calls of processes that have ended. */
  #ended = 0;

  constructor(options: TaskPoolOptions) {
    this.#options = options;
    this.#ready.promise.catch(() => {});
    this.#processes = new Processes({
      ...options,
      generationOf: () => options.generation,
      shared: () => false,
      prepare: () => ({ env: options.env }),
      onEvent: (event) => this.#loop.dispatch(event),
    });
    this.#loop = new Loop({ ...options, onStep: (step) => this.#do(step) });
    const { workers, limits, sockets, bootsAtOnce, config: { settings } } =
      options.generation;
    this.#loop.begin(createPool({
      wanted: workers,
      limits,
      sockets,
      surge: settings.maxSurge,
      bootsAtOnce,
    }));
  }

  /** Resolves when a process is ready. @throws CornError where none will be */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when every process is gone. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Starts its processes. */
  start(): void {
    this.#loop.dispatch({ type: "tick" });
  }

  /** Ends them; `timeoutMs` takes the place of the graceful timeout. */
  stop(mode: StopMode, timeoutMs?: number): void {
    this.#loop.dispatch({ type: "stop", mode, timeoutMs });
  }

  /** Opens log files anew. */
  reopen(): void {
    this.#processes.sendAll({ type: "reopen" });
  }

  status(): TaskPoolStatus {
    const { wanted = 0, children = [] } = this.#loop.pool ?? {};
    const found = children.map(({ age }) => this.#processes.find(age));
    const sum = (key: "requests" | "open") =>
      found.reduce((total, one) => total + (one?.counts[key] ?? 0), 0);
    return {
      name: this.#options.name,
      wanted,
      ready: children.filter(({ phase }) => phase === "ready").length,
      calls: this.#ended + sum("requests"),
      open: sum("open"),
      pids: found.flatMap((one) => one?.pid ?? []),
    };
  }

  #do({ event, actions }: PoolStep): void {
    if (event.type === "exited") {
      this.#ended += this.#processes.find(event.age)?.counts.requests ?? 0;
    }
    for (const action of actions) {
      try {
        this.#act(action);
      } catch (error) {
        this.#options.log.error(
          `Cannot ${action.type}, the pool goes on: ${messageOf(error)}`,
        );
      }
    }
  }

  #act(action: Action): void {
    switch (action.type) {
      case "note":
        return this.#tell(action.note);
      case "exit":
        return this.#finish(action.code);
      // With one queue nothing is counted, and a reload opens another pool.
      case "count-queues":
      case "reload":
        return;
      default:
        return this.#processes.carryOut(action);
    }
  }

  #tell(note: Note): void {
    const line = describeNote(note, (age) => this.#processes.factsOf(age));
    const { name, log } = this.#options;
    if (line !== undefined) log.log(line.level, line.text);
    this.#options.onNote?.(note, {
      text: line?.text,
      facts: "child" in note
        ? this.#processes.factsOf(note.child.age)
        : undefined,
      pool: name,
    });
    if (note.about !== "ready") return;
    this.#processes.forgetFailure();
    this.#ready.resolve();
  }

  #finish(code: number): void {
    const { name, generation } = this.#options;
    this.#loop.close();
    for (const { listener } of generation.listeners) listener.close();
    const Kind = code === EXIT_APP_FAILED ? AppError : BootError;
    this.#ready.reject(
      new Kind(
        `Cannot start task pool "${name}": none of its workers is ready`,
      ),
    );
    this.#gone.resolve();
  }
}
