/** Runs a task of a module. */
import { isTaskName } from "./types.ts";
import type { TaskContext } from "./types.ts";

type Task = (...all: unknown[]) => unknown;

/** The task of a name; undefined where the module has none. */
export function findTask(
  module: Readonly<Record<string, unknown>>,
  name: string,
): Task | undefined {
  const task = isTaskName(name) && Object.hasOwn(module, name)
    ? module[name]
    : undefined;
  return typeof task === "function" && !isClass(task)
    ? task as Task
    : undefined;
}

function isClass(task: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(task));
}

/** The names of a module's tasks. */
export function taskNames(
  module: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(module).filter((name) =>
    findTask(module, name) !== undefined
  );
}

/** Calls a task with its context behind its arguments, at the place where it has it. */
export function callTask(
  task: Task,
  args: readonly unknown[],
  context: TaskContext,
): unknown {
  const all = args.slice();
  // Arguments that were left out are undefined.
  while (all.length < task.length - 1) all.push(undefined);
  return task(...all, context);
}

/** What yields the parts of a stream; undefined for a value. */
export function iteratorOf(
  result: unknown,
): AsyncIterator<unknown> | Iterator<unknown> | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  const { next } = result as { readonly next?: unknown };
  const many = result as Partial<AsyncIterable<unknown>>;
  if (typeof many[Symbol.asyncIterator] === "function") {
    return many[Symbol.asyncIterator]!();
  }
  // An array is a value, and a generator is none.
  return typeof next === "function" &&
      typeof (result as Iterable<unknown>)[Symbol.iterator] === "function"
    ? result as Iterator<unknown>
    : undefined;
}

/** What a task that does not stream gives. @throws TypeError for what could be streamed, of which the caller learns too late */
export async function valueOf(result: unknown): Promise<unknown> {
  const value = await result;
  const late = iteratorOf(value);
  if (late === undefined) return value;
  await late.return?.();
  throw new TypeError(
    "Cannot stream from a function that gives a promise: make the task a generator, as in async function*, with yield* for what it hands on",
  );
}

/**
 * Hands on all that a stream yields; true at its end. It is ended by this where
 * the signal is aborted, or where a part cannot be handed on.
 */
export async function passOn(
  iterator: AsyncIterator<unknown> | Iterator<unknown>,
  signal: AbortSignal,
  take: (value: unknown) => Promise<void> | undefined,
): Promise<boolean> {
  while (!signal.aborted) {
    const { done, value } = await iterator.next();
    if (done) return true;
    if (signal.aborted) break;
    try {
      await take(value);
    } catch (error) {
      await iterator.return?.();
      throw error;
    }
  }
  await iterator.return?.();
  return false;
}
