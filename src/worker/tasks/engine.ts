/**
 * Serves a module's tasks: one call in hand, the next connection stays in the
 * queue for whichever process of the pool is free first.
 */
import { createIntake } from "../../http/engine/intake.ts";
import type { Inflight } from "../../gateway/call/inflight.ts";
import type {
  Clock,
  Closeable,
  Engine,
  Source,
} from "../../runtime/runtime.ts";
import type { Channel, Transport } from "../../runtime/transport.ts";
import { KINDS } from "../../tasks/frame.ts";
import type { Frame } from "../../tasks/frame.ts";
import type {
  BeforeValue,
  CallValue,
  StartedValue,
} from "../../tasks/messages.ts";
import { TaskConnection } from "./connection.ts";
import type { ConnectionHost } from "./connection.ts";
import { runCall } from "./run-call.ts";
import type { RunOptions } from "./run-call.ts";

export interface TaskEngineOptions extends RunOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly inflight: Inflight;
  /** Connections that wait to be accepted. */
  readonly backlog: number;
}

/** A caller that sends no call holds the worker for so long. */
const UNUSED_MS = 1000;

export function createTaskEngine(options: TaskEngineOptions): Engine {
  const { transport, clock } = options;
  const intake = createIntake(1);
  /** Callers that have not sent their call yet, and until when they hold the worker. */
  const fresh = new Map<TaskConnection, Closeable | undefined>();
  /** Calls that came from one that held it no more, while another ran. */
  const waiting: { connection: TaskConnection; call: CallValue }[] = [];
  const open = new Set<TaskConnection>();
  /** The caller of the last call, who may make the next while there is none in the queue. */
  let kept: TaskConnection | undefined;
  /** Until when that may begin. */
  let before = Infinity;
  let running = false;
  let draining = false;
  let drained: (() => void) | undefined;

  /** Accepts another caller where none has the worker, and ends a drain where none is left. */
  function goOn(): void {
    const held = [...fresh.values()].some((timer) => timer !== undefined);
    intake.count(running || waiting.length > 0 || held ? 1 : 0);
    if (draining && !running && open.size === 0) drained?.();
  }

  function unhold(connection: TaskConnection): void {
    fresh.get(connection)?.close();
    fresh.delete(connection);
  }

  const host: ConnectionHost = {
    onFrame(connection: TaskConnection, { kind, value }: Frame) {
      if (kind === KINDS.before && connection === kept) {
        before = (value as BeforeValue).at;
        return;
      }
      const may = fresh.has(connection) ||
        connection === kept && clock.monotonic() < before;
      if (kind !== KINDS.call || !may) return connection.cut();
      unhold(connection);
      if (connection === kept) kept = undefined;
      waiting.push({ connection, call: value as CallValue });
      next();
    },
    onClose(connection: TaskConnection) {
      unhold(connection);
      open.delete(connection);
      if (connection === kept) kept = undefined;
      goOn();
    },
  };

  function next(): void {
    if (running) return;
    const first = waiting.shift();
    if (first === undefined) return goOn();
    const { connection, call } = first;
    const late = call.until !== undefined && call.until < clock.monotonic();
    if (late) connection.cut();
    if (connection.closed) return next();
    const started: StartedValue = {
      ms: options.timeoutMs,
      at: clock.monotonic(),
    };
    // The write shows whether the caller has left while it waited; its end is
    // read later.
    if (connection.send(KINDS.started, started) !== undefined) {
      connection.cut();
      return next();
    }
    running = true;
    // Over a connection that was kept, a call comes while others are accepted.
    goOn();
    void run(connection, call);
  }

  async function run(connection: TaskConnection, call: CallValue) {
    const clean = await runCall(connection, call, options);
    running = false;
    const idle = waiting.length === 0 && fresh.size === 0 && !draining;
    if (clean && idle && !connection.closed) {
      kept = connection;
      before = Infinity;
    } else connection.end();
    next();
  }

  /** What it has sent meanwhile has not begun: it calls again, by the queue. */
  function dropKept(): void {
    kept?.cut();
  }

  function accept(channel: Channel): TaskConnection {
    dropKept();
    const connection = new TaskConnection(channel, host);
    open.add(connection);
    fresh.set(
      connection,
      clock.after(UNUSED_MS, () => {
        fresh.set(connection, undefined);
        goOn();
      }),
    );
    goOn();
    return connection;
  }

  function stopAccepting(): void {
    draining = true;
    intake.close();
    dropKept();
  }

  return {
    name: "tasks",
    async open(source: Source) {
      const known = intake.reopen(source);
      if (known !== undefined) return known;
      const listener = await transport.listen(source, {
        backlog: options.backlog,
        unixMode: 0o600,
        accept,
        channelOf: () => undefined,
      });
      intake.add(source, listener);
      return listener.address;
    },
    release: (descriptor) => intake.release(descriptor),
    drain(closed) {
      stopAccepting();
      closed?.();
      return new Promise((resolve) => {
        drained = resolve;
        goOn();
      });
    },
    close() {
      stopAccepting();
      for (const connection of open) connection.cut();
    },
  };
}
