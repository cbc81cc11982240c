/** Runs one call, from its start to the last byte of its answer. */
import type { Inflight } from "../../gateway/call/inflight.ts";
import type { Clock } from "../../runtime/runtime.ts";
import { remoteError, TaskTimeoutError } from "../../tasks/errors.ts";
import { KINDS } from "../../tasks/frame.ts";
import { noTask } from "../../tasks/in-process.ts";
import type { CallValue, ErrorValue } from "../../tasks/messages.ts";
import {
  callTask,
  findTask,
  iteratorOf,
  passOn,
  taskNames,
  valueOf,
} from "../../tasks/run-task.ts";
import type { TaskConnection } from "./connection.ts";

export interface RunOptions {
  readonly pool: string;
  readonly module: Readonly<Record<string, unknown>>;
  readonly inflight: Inflight;
  readonly clock: Pick<Clock, "after">;
  /** How long a task may run; 0 for any time. */
  readonly timeoutMs: number;
  /** How long it may take to end once its signal is aborted. */
  readonly cancelMs: number;
  /** Calls after which `onLimit` is called; 0 for never. */
  readonly maxTasks: number;
  onLimit(): void;
  /** Called when a call comes while none is open. */
  onBusy(): void;
  /** A task does not end though its signal is aborted: its process is of no use. */
  onStuck(task: string): void;
}

/** Resolves once the worker is free for the next, with whether the connection can carry one; never rejects. */
export async function runCall(
  connection: TaskConnection,
  { task, args }: CallValue,
  options: RunOptions,
): Promise<boolean> {
  const { inflight, clock, timeoutMs, cancelMs } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const named = { method: "TASK", url: `/${task}` };
  let seat = inflight.begin(named);
  if (inflight.open++ === 0) options.onBusy();
  if (++inflight.requests === options.maxTasks) options.onLimit();
  let isOver = false;
  let stuck: { close(): void } | undefined;

  function abort(reason: unknown): void {
    if (isOver || signal.aborted) return;
    stuck = clock.after(cancelMs, () => options.onStuck(task));
    controller.abort(reason);
    // A generator may wait for a caller that takes nothing.
    connection.release();
  }

  const timer = timeoutMs > 0
    ? clock.after(timeoutMs, () => {
      const failure: ErrorValue = { kind: "timeout", ms: timeoutMs };
      connection.send(KINDS.error, failure);
      abort(new TaskTimeoutError(`${options.pool}.${task}`, timeoutMs));
    })
    : undefined;
  connection.onLeave = () => abort(new Error("The caller has left"));

  async function answer(result: unknown): Promise<void> {
    const iterator = iteratorOf(result);
    if (iterator === undefined) {
      const value = await valueOf(result);
      if (!signal.aborted) await connection.send(KINDS.value, value);
      return;
    }
    const ended = await passOn(
      iterator,
      signal,
      (value) => connection.send(KINDS.chunk, value),
    );
    if (ended && !signal.aborted) await connection.send(KINDS.end, null);
  }

  try {
    const found = findTask(options.module, task);
    if (found === undefined) throw noTask(task, taskNames(options.module));
    let result: unknown;
    try {
      result = callTask(found, args, { signal });
    } finally {
      inflight.leave();
      seat = inflight.defer(seat, named);
    }
    await answer(result);
  } catch (thrown) {
    const failure: ErrorValue = { kind: "thrown", error: remoteError(thrown) };
    if (!signal.aborted) await connection.send(KINDS.error, failure);
  }
  isOver = true;
  timer?.close();
  stuck?.close();
  connection.onLeave = undefined;
  inflight.end(seat);
  return !signal.aborted;
}
