/** What a module of tasks looks like from both sides. */

/** What a task gets after its arguments. */
export interface TaskContext {
  /** Aborted when the caller has left, gave up, or the time is over: a task that does not end soon after is ended with its process. */
  readonly signal: AbortSignal;
}

/** How calls are made. */
export interface CallOptions {
  /** How long a call may take with its wait, in milliseconds, `Infinity` for any time; the pool's `timeout` counts besides. */
  readonly timeout?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
}

/** The arguments of a task, without its context. */
type ArgumentsOf<All extends readonly unknown[]> = All extends
  readonly [...infer Own, TaskContext] ? Own : All;

/** What a call of a task gives. */
type ResultOf<Result> = Result extends
  AsyncIterable<infer Item> | Generator<infer Item> ? AsyncIterable<Item>
  : Promise<Awaited<Result>>;

// deno-lint-ignore no-explicit-any -- any function is a task
type AnyFunction = (...all: any[]) => unknown;

/** Exports that are no tasks; `then` and `toJSON` are asked for by what awaits or prints a client. */
type NoTask =
  | "onStart"
  | "onStop"
  | "default"
  | "metrics"
  | "with"
  | "then"
  | "toJSON";

/** The tasks of a module, as the app calls them. */
export type TaskCalls<Module> = {
  readonly [
    Name in keyof Module as Module[Name] extends AnyFunction
      ? Exclude<Name, NoTask>
      : never
  ]: Module[Name] extends (...all: infer All) => infer Result
    ? (...all: ArgumentsOf<All>) => ResultOf<Result>
    : never;
};

/** The client of a pool. */
export type TaskClient<Module> = TaskCalls<Module> & {
  /** The same tasks, called with these options. */
  with(options: CallOptions): TaskCalls<Module>;
};

/** What each is instead. */
const NO_TASKS: Readonly<Record<NoTask, string>> = {
  onStart: "a hook",
  onStop: "a hook",
  default: "the file as a whole",
  metrics: "the app's own metrics",
  with: "gives options to a call",
  then: "asked for by await",
  toJSON: "asked for by JSON.stringify()",
};

/** Whether an export may be a task; what each object has, such as `toString`, is none. */
export function isTaskName(name: string): boolean {
  return !(name in NO_TASKS);
}
