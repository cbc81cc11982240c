/** A call over a pool's socket. */
import type { Closeable } from "../runtime/runtime.ts";
import type { TaskClock } from "../runtime/task-machine.ts";
import type { BegunCall, CallEvents, CallRequest } from "./call.ts";
import type { Connection, Connections } from "./connections.ts";
import {
  TaskError,
  TaskLostError,
  TaskOverloadError,
  TaskTimeoutError,
} from "./errors.ts";
import type { Pace } from "./pace.ts";
import { encodeFrame, joinFrames, KINDS } from "./frame.ts";
import type { Frame } from "./frame.ts";
import type {
  BeforeValue,
  CallValue,
  ErrorValue,
  StartedValue,
} from "./messages.ts";

/** How much longer than a task may run its caller waits to be told of it: a worker that is blocked cannot tell. */
const TELLS_MS = 250;

/**
 * So long a call on a kept connection may take to begin. After twice the time,
 * when it surely does not, it goes to the queue: its process may be blocked by
 * what an earlier task has left behind, while others are free.
 */
const BEGINS_MS = 50;

/** A pool, as a client has it. */
export interface PoolAccess {
  readonly connections: Connections;
  readonly clock: TaskClock;
  /** When those are made that no earlier call has left. */
  readonly pace: Pace;
  /** Calls of this client that may wait. */
  readonly most: number;
  /** Calls of this client that have not begun. */
  waiting: number;
  /** What the pool's clock is ahead of this one, as far as was seen; undefined before the first call has begun. */
  ahead?: number;
}

/** Makes the call. @throws TypeError, RangeError where the arguments cannot be sent; TaskOverloadError where too many wait */
export function callOverSocket(
  access: PoolAccess,
  { pool, task, args, until }: CallRequest,
  events: CallEvents,
): BegunCall {
  const { connections, clock, pace } = access;
  const name = `${pool}.${task}`;
  const { ahead } = access;
  // A connection that the queue refuses costs the app up to a millisecond.
  if (access.waiting >= access.most) throw new TaskOverloadError(name);
  const call: CallValue = {
    task,
    args,
    ...(until !== undefined && ahead !== undefined &&
      { until: until + ahead }),
  };
  const pieces = encodeFrame(KINDS.call, call);
  /** Undefined until it is made. */
  let connection: Connection | undefined;
  let planned: Closeable | undefined;
  let timer: Closeable | undefined;
  let begun = false;

  function begin(): void {
    if (begun) return;
    begun = true;
    timer?.close();
    access.waiting--;
  }

  /** The connection can carry the next call. */
  function finish(): void {
    begin();
    timer?.close();
    if (connection !== undefined) connections.keep(connection);
  }

  function giveUp(): void {
    begin();
    timer?.close();
    planned?.close();
    connection?.cut();
  }

  function fail(error: Error): void {
    giveUp();
    events.onError(error);
  }

  function lose(why: string): void {
    fail(new TaskLostError(name, `Task ${name} is lost: ${why}`));
  }

  function onFrame({ kind, value }: Frame): void {
    switch (kind) {
      case KINDS.started: {
        begin();
        const { ms, at } = value as StartedValue;
        // What was on its way for the shortest time tells it best.
        access.ahead = Math.max(
          access.ahead ?? -Infinity,
          at - clock.monotonic(),
        );
        if (ms === 0) return;
        timer = clock.after(
          ms + TELLS_MS,
          () => fail(new TaskTimeoutError(name, ms)),
        );
        return;
      }
      case KINDS.value:
        finish();
        return events.onValue(value);
      case KINDS.chunk:
        return events.onChunk(value);
      case KINDS.end:
        finish();
        return events.onEnd();
      case KINDS.error: {
        const failure = value as ErrorValue;
        if (failure.kind === "timeout") {
          return fail(new TaskTimeoutError(name, failure.ms));
        }
        finish();
        return events.onError(new TaskError(name, failure.error));
      }
    }
  }

  const refuse = () => fail(new TaskOverloadError(name));

  function onRefused(): void {
    refuse();
    pace.refuseAll();
  }

  function enqueue(): void {
    planned = pace.add({
      open() {
        connection = connections.open();
        connection.use({ onFrame, onLost: lose, onRefused }, pieces);
      },
      refuse,
    });
  }

  /** Sends it over a connection that was kept, whose process may turn to another's call at the same time. */
  function sendOver(kept: Connection, ahead: number): void {
    const leave = () => {
      timer?.close();
      enqueue();
    };
    connection = kept;
    // In two steps: the first may be late, before what came meanwhile is read.
    timer = clock.after(BEGINS_MS, () => {
      timer = clock.after(BEGINS_MS, () => {
        kept.cut();
        leave();
      });
    });
    const before: BeforeValue = { at: clock.monotonic() + ahead + BEGINS_MS };
    kept.use({
      onFrame,
      // Each task is announced before it begins.
      onLost: (why) => begun ? lose(why) : leave(),
      onRefused,
    }, joinFrames(encodeFrame(KINDS.before, before), pieces));
  }

  // Where calls wait, no process is at leisure.
  const kept = ahead !== undefined && access.waiting === 0
    ? connections.takeResting()
    : undefined;
  access.waiting++;
  if (ahead === undefined || kept === undefined) enqueue();
  else sendOver(kept, ahead);
  return { flow: (on) => connection?.flow(on), cancel: giveUp };
}
