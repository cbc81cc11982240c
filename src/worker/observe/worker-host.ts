/** What the parts of a worker have of it. */
import { countOf } from "../../base/count.ts";
import type { LogMessage, WorkerMessage } from "../../protocol/messages.ts";
import type { ParentLink } from "../../runtime/runtime.ts";
import type { ServingRuntime } from "../../runtime/serving.ts";

export interface WorkerHost {
  readonly runtime: ServingRuntime;
  /** Tells the arbiter. */
  send(message: WorkerMessage): void;
  /** Writes to the error log. */
  say(level: LogMessage["level"], text: string): void;
  /** Writes of what the app threw. */
  sayThrown(text: string): void;
}

/** A text that is longer is cut: a line of the channel has an end, see `SpawnOptions.onOverlong`. */
const MAX_TEXT = 128 * 1024;

/** So many bytes may wait for an arbiter that stands still; what is logged then is lost. */
const MAX_WAITING = 4 * 1024 * 1024;

/** The parts' way out, over a channel. */
export function createHost(
  runtime: ServingRuntime,
  link: Pick<ParentLink, "send" | "waiting">,
): WorkerHost {
  let lost = 0;

  function send(message: WorkerMessage): void {
    if (message.type === "log" || message.type === "access") {
      if (link.waiting > MAX_WAITING) {
        lost++;
        return;
      }
      if (lost > 0) {
        const text = `Lost ${
          countOf(lost, "log message")
        }: the arbiter stood still`;
        lost = 0;
        link.send({ type: "log", level: "warning", text });
      }
    }
    link.send(shortened(message));
  }

  return {
    runtime,
    send,
    say: (level, text) => send({ type: "log", level, text }),
    sayThrown: (text) =>
      send({ type: "log", level: "error", text, exception: true }),
  };
}

function shortened(message: WorkerMessage): WorkerMessage {
  switch (message.type) {
    case "log":
    case "access":
      return message.text.length <= MAX_TEXT
        ? message
        : { ...message, text: cut(message.text) };
    case "failed": {
      const { stack } = message;
      return { ...message, message: cut(message.message), stack: cut(stack) };
    }
    default:
      return message;
  }
}

function cut(text: string): string {
  const more = text.length - MAX_TEXT;
  return more <= 0
    ? text
    : `${text.slice(0, MAX_TEXT)}... (${more} characters more)`;
}
