/** A call over a pool's socket: a connection of its own, so that it waits behind no other. */
import type { Closeable, Stream } from "../runtime/runtime.ts";
import type { BegunCall, CallEvents, CallRequest } from "./call.ts";
import {
  TaskError,
  TaskLostError,
  TaskOverloadError,
  TaskTimeoutError,
} from "./errors.ts";
import { encodeFrame, FrameReader, KINDS } from "./frame.ts";
import type { Frame } from "./frame.ts";
import type { CallValue, ErrorValue, StartedValue } from "./messages.ts";
import type { TaskMachine } from "../runtime/task-machine.ts";

/** How much longer than a task may run its caller waits to be told of it: a worker that is blocked cannot tell. */
const TELLS_MS = 250;

/** Makes the call. @throws TypeError, RangeError where the arguments cannot be sent */
export function callOverSocket(
  path: string,
  { pool, task, args, until }: CallRequest,
  { events, machine }: {
    readonly events: CallEvents;
    readonly machine: Pick<TaskMachine, "connect" | "clock">;
  },
): BegunCall {
  const name = `${pool}.${task}`;
  const call: CallValue = { task, args, ...(until !== undefined && { until }) };
  const pieces = encodeFrame(KINDS.call, call);
  const reader = new FrameReader();
  let timer: Closeable | undefined;
  let over = false;

  function end(tell: () => void): void {
    if (over) return;
    over = true;
    timer?.close();
    stream.cut();
    tell();
  }

  function fail(error: Error): void {
    end(() => events.onError(error));
  }

  function take({ kind, value }: Frame): void {
    switch (kind) {
      case KINDS.started: {
        const { ms } = value as StartedValue;
        if (ms === 0) return;
        timer = machine.clock.after(
          ms + TELLS_MS,
          () => fail(new TaskTimeoutError(name, ms)),
        );
        return;
      }
      case KINDS.value:
        return end(() => events.onValue(value));
      case KINDS.chunk:
        return events.onChunk(value);
      case KINDS.end:
        return end(() => events.onEnd());
      case KINDS.error: {
        const failure = value as ErrorValue;
        return fail(
          failure.kind === "timeout"
            ? new TaskTimeoutError(name, failure.ms)
            : new TaskError(name, failure.error),
        );
      }
    }
  }

  const stream: Stream = machine.connect(path, {
    onData(bytes) {
      if (over) return;
      try {
        for (const frame of reader.push(bytes)) if (!over) take(frame);
      } catch (error) {
        fail(lost(`what came of it is no frame (${(error as Error).message})`));
      }
    },
    onEnd: () => fail(lost("its process is gone")),
    onClose: () => fail(lost("its process is gone")),
    onFail: (code) =>
      fail(
        code === "EAGAIN"
          ? new TaskOverloadError(name)
          : lost(`its pool cannot be reached (${code})`),
      ),
  });

  function lost(why: string): TaskLostError {
    return new TaskLostError(name, `Task ${name} is lost: ${why}`);
  }

  for (const piece of pieces) stream.write(piece);
  return {
    flow: (on) => on ? stream.resume() : stream.pause(),
    cancel: () => end(() => {}),
  };
}
