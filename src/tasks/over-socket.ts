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
  const name = `${pool}.${task}`;
  const { ahead } = access;
  // A connection that the queue refuses costs the app up to a millisecond.
  if (access.waiting >= access.most) throw new TaskOverloadError(name);
  const value: CallValue = {
    task,
    args,
    ...(until !== undefined && ahead !== undefined &&
      { until: until + ahead }),
  };
  const call = new SocketCall(access, {
    name,
    pieces: encodeFrame(KINDS.call, value),
    events,
  });
  call.begin();
  return call;
}

/** What is sent, and whom its answer is for. */
interface Order {
  /** The pool and the task. */
  readonly name: string;
  /** Its frame. */
  readonly pieces: readonly Uint8Array[];
  readonly events: CallEvents;
}

/**
 * A call on its way. It waits for its turn to connect, then in the pool's queue,
 * and has begun once a worker says so; or it goes over a connection that an
 * earlier call has left, and turns to the queue where it does not begin there.
 */
class SocketCall implements BegunCall {
  readonly #access: PoolAccess;
  readonly #order: Order;
  /** Its turn to connect. */
  #turn: Closeable | undefined;
  /** Undefined until it is made. */
  #connection: Connection | undefined;
  /** Until it must have begun on a kept connection, then until it must be over. */
  #timer: Closeable | undefined;
  /** True once a worker has it, and where it is over without. */
  #begun = false;

  constructor(access: PoolAccess, order: Order) {
    this.#access = access;
    this.#order = order;
  }

  begin(): void {
    const access = this.#access;
    const { ahead, connections } = access;
    // Where calls wait, no process is at leisure.
    const kept = ahead !== undefined && access.waiting === 0
      ? connections.takeResting()
      : undefined;
    access.waiting++;
    if (ahead === undefined || kept === undefined) this.#enqueue();
    else this.#sendOver(kept, ahead);
  }

  flow(on: boolean): void {
    this.#connection?.flow(on);
  }

  cancel(): void {
    this.#leaveQueue();
    this.#timer?.close();
    this.#turn?.close();
    this.#connection?.cut();
  }

  /** Connects to the pool's queue, now or in a later turn. */
  #enqueue(): void {
    const { connections, pace } = this.#access;
    this.#turn = pace.add({
      open: () =>
        this.#use(connections.open(), {
          pieces: this.#order.pieces,
          onLost: (why) => this.#lose(why),
        }),
      refuse: () => this.#refuse(),
    });
  }

  /** Sends it over a connection that was kept, whose process may turn to another's call at the same time. */
  #sendOver(kept: Connection, ahead: number): void {
    const { clock } = this.#access;
    // In two steps: the first may be late, before what came meanwhile is read.
    this.#timer = clock.after(BEGINS_MS, () => {
      this.#timer = clock.after(BEGINS_MS, () => {
        kept.cut();
        this.#enqueue();
      });
    });
    const before: BeforeValue = { at: clock.monotonic() + ahead + BEGINS_MS };
    this.#use(kept, {
      pieces: joinFrames(
        encodeFrame(KINDS.before, before),
        this.#order.pieces,
      ),
      onLost: (why) => {
        // Each task is announced before it begins.
        if (this.#begun) return this.#lose(why);
        this.#timer?.close();
        this.#enqueue();
      },
    });
  }

  /** Sends the pieces over a connection, whose frames are this call's from now on. */
  #use(
    connection: Connection,
    { pieces, onLost }: {
      readonly pieces: readonly Uint8Array[];
      onLost(why: string): void;
    },
  ): void {
    this.#connection = connection;
    connection.use({
      onFrame: (frame) => this.#take(frame),
      onLost,
      onRefused: () => this.#onRefused(),
    }, pieces);
  }

  #take({ kind, value }: Frame): void {
    const { events } = this.#order;
    switch (kind) {
      case KINDS.started:
        return this.#onStarted(value as StartedValue);
      case KINDS.value:
        this.#finish();
        return events.onValue(value);
      case KINDS.chunk:
        return events.onChunk(value);
      case KINDS.end:
        this.#finish();
        return events.onEnd();
      case KINDS.error:
        return this.#onError(value as ErrorValue);
    }
  }

  #onStarted({ ms, at }: StartedValue): void {
    this.#leaveQueue();
    const access = this.#access;
    const { clock } = access;
    // What was on its way for the shortest time tells it best.
    access.ahead = Math.max(access.ahead ?? -Infinity, at - clock.monotonic());
    if (ms === 0) return;
    const { name } = this.#order;
    this.#timer = clock.after(
      ms + TELLS_MS,
      () => this.#fail(new TaskTimeoutError(name, ms)),
    );
  }

  #onError(failure: ErrorValue): void {
    const { name, events } = this.#order;
    if (failure.kind === "timeout") {
      // The worker ends the connection of a task that it has aborted.
      return this.#fail(new TaskTimeoutError(name, failure.ms));
    }
    this.#finish();
    events.onError(new TaskError(name, failure.error));
  }

  /** The queue is full: calls that wait for their turn to connect would be refused as well. */
  #onRefused(): void {
    this.#refuse();
    this.#access.pace.refuseAll();
  }

  #refuse(): void {
    this.#fail(new TaskOverloadError(this.#order.name));
  }

  #lose(why: string): void {
    const { name } = this.#order;
    this.#fail(new TaskLostError(name, `Task ${name} is lost: ${why}`));
  }

  #fail(error: Error): void {
    this.cancel();
    this.#order.events.onError(error);
  }

  /** Leaves the connection for the next call. */
  #finish(): void {
    this.#leaveQueue();
    this.#timer?.close();
    const { connections } = this.#access;
    if (this.#connection !== undefined) connections.keep(this.#connection);
  }

  /** It counts no more among those that have not begun. */
  #leaveQueue(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#timer?.close();
    this.#access.waiting--;
  }
}
