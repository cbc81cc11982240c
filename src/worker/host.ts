/** What the parts of a worker have of it. */
import type { LogMessage, WorkerMessage } from "../messages.ts";
import type { Runtime } from "../runtime.ts";

export interface Host {
  readonly runtime: Runtime;
  /** Tells the arbiter. */
  send(message: WorkerMessage): void;
  /** Writes to the error log. */
  say(level: LogMessage["level"], text: string): void;
  /** Writes of what the app threw. */
  sayThrown(text: string): void;
}

/** The parts' way out, over one that sends. */
export function createHost(
  runtime: Runtime,
  send: (message: WorkerMessage) => void,
): Host {
  return {
    runtime,
    send,
    say: (level, text) => send({ type: "log", level, text }),
    sayThrown: (text) =>
      send({ type: "log", level: "error", text, exception: true }),
  };
}
