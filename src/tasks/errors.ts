/** What a call of a task may fail with. */

/** A call failed; `task` is the pool and the task, as `images.resize`. */
export class TaskFailure extends Error {
  /** The class, for messages. */
  override name = "TaskFailure";
  /** The pool and the task. */
  readonly task: string;

  constructor(task: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.task = task;
  }
}

/** What a task threw, as it is told. */
export interface RemoteError {
  readonly name: string;
  readonly message: string;
  /** With the message, as its runtime writes it. */
  readonly stack: string;
  /** What caused it, where that is an error as well. */
  readonly cause?: RemoteError;
}

/** The task threw, or there is none of that name; `remote` has the name, the message and the stack of the other side. */
export class TaskError extends TaskFailure {
  /** The class, for messages. */
  override name = "TaskError";
  /** What it threw. */
  readonly remote: RemoteError;

  constructor(task: string, remote: RemoteError) {
    const { name, message } = remote;
    const what = name === "Error" ? message : `${name}: ${message}`;
    super(task, `Task ${task} failed: ${what}`);
    this.remote = remote;
  }
}

/** The task was not over in time: the pool's `timeout` since it began, or the caller's since the call. */
export class TaskTimeoutError extends TaskFailure {
  /** The class, for messages. */
  override name = "TaskTimeoutError";
  /** How long it had, in milliseconds. */
  readonly ms: number;

  constructor(task: string, ms: number) {
    super(task, `Task ${task} was not over within ${ms / 1000} s`);
    this.ms = ms;
  }
}

/** As many calls wait for the pool as may, see `maxQueue`: the task has not begun. */
export class TaskOverloadError extends TaskFailure {
  /** The class, for messages. */
  override name = "TaskOverloadError";

  constructor(task: string) {
    super(task, `Cannot call task ${task}: its pool's queue is full`);
  }
}

/** The process that ran the task is gone, or the pool is: nothing is known of what was done. It is never called again by itself. */
export class TaskLostError extends TaskFailure {
  /** The class, for messages. */
  override name = "TaskLostError";
}

/** Characters of a message or a stack that are told, so that each error can be. */
const MOST_TOLD = 64 * 1024;

/** Causes of causes that are told. */
const MOST_CAUSES = 5;

/** How an error is told to the other side; never throws. */
export function remoteError(thrown: unknown, depth = 0): RemoteError {
  try {
    if (!(thrown instanceof Error)) return strange(String(thrown));
    const { name, message, stack, cause } = thrown;
    return {
      name: told(name),
      message: told(message),
      stack: told(stack ?? ""),
      ...(cause instanceof Error && depth < MOST_CAUSES &&
        { cause: remoteError(cause, depth + 1) }),
    };
  } catch {
    // Its text is made by code of its own.
    return strange("what cannot be told");
  }
}

function strange(what: string): RemoteError {
  return { name: "Error", message: told(`threw ${what}`), stack: "" };
}

function told(text: unknown): string {
  return String(text).slice(0, MOST_TOLD);
}
