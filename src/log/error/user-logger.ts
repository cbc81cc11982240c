/** A logger of the user's that takes the log over. */
import type { Level } from "../event.ts";
import type { LogEvent } from "../event.ts";
import { messageOf } from "../../base/errors.ts";

/** A method of a logger, whatever it is called with elsewhere. */
export type LogMethod = (...all: never[]) => unknown;

/**
 * A logger. pino and bunyan are called as `(fields, message)`, all others as
 * `(message, fields)`. Fields are `pid`, and where there are any `stack` (what
 * follows the first line) and `stream` (where a process printed it).
 */
export interface LoggerObject {
  /** Takes what helps to find a fault. */
  readonly debug: LogMethod;
  /** Takes what is as it should be. */
  readonly info: LogMethod;
  /** Takes warnings. */
  readonly warning?: LogMethod;
  /** The same, where there is no `warning`. */
  readonly warn?: LogMethod;
  /** Takes what failed. */
  readonly error: LogMethod;
  /** Takes what ends service. */
  readonly critical?: LogMethod;
  /** The same, where there is no `critical`; without either, `error` takes it. */
  readonly fatal?: LogMethod;
  /** Writes what it holds back; called at the end. */
  readonly flush?: LogMethod;
}

/** The names by which a logger may have a level, the first that is there is called. */
const METHODS: Readonly<Record<Level, readonly (keyof LoggerObject)[]>> = {
  debug: ["debug"],
  info: ["info"],
  warning: ["warning", "warn"],
  error: ["error"],
  critical: ["critical", "fatal", "error"],
};

/** What a value lacks to be a logger. */
export function missingMethods(value: unknown): string[] {
  return Object.values(METHODS).filter((names) =>
    methodOf(value, names) === undefined
  ).map(([name]) => name as string);
}

/** Fields of an event, beside its message. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Taker {
  /** Hands an event over; false where the logger failed. */
  take(event: LogEvent): boolean;
  /** Hands over a message with other fields than a log event has. */
  put(level: Level, message: string, fields: LogFields): boolean;
  /** Why it failed the last time. */
  readonly failure: string;
  flush(): void;
}

/** Makes a logger take events. */
export function createTaker(logger: LoggerObject): Taker {
  let failure = "";
  const arrange = styleOf(logger);

  function put(level: Level, message: string, fields: LogFields): boolean {
    try {
      const name = methodOf(logger, METHODS[level]) as "info";
      (logger[name] as (...all: unknown[]) => unknown)(
        ...arrange(message, fields),
      );
      return true;
    } catch (error) {
      failure = messageOf(error);
      return false;
    }
  }

  return {
    put,
    take({ level, pid, text, stream }) {
      const [message = "", ...more] = text.trimEnd().split("\n");
      return put(level, message, {
        pid,
        ...(stream !== undefined && { stream }),
        ...(more.length > 0 && { stack: more.join("\n") }),
      });
    },
    get failure() {
      return failure;
    },
    flush() {
      try {
        (logger.flush as ((...all: unknown[]) => unknown) | undefined)?.call(
          logger,
        );
      } catch (error) {
        failure = messageOf(error);
      }
    },
  };
}

/** Hands records of the access log over and gives back the lines that were not taken. */
export function giveRecords(lines: string, taker: Pick<Taker, "put">): string {
  let rest = "";
  for (const line of lines.split("\n")) {
    if (line !== "" && !giveRecord(line, taker)) rest += `${line}\n`;
  }
  return rest;
}

function giveRecord(line: string, taker: Pick<Taker, "put">): boolean {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line);
  } catch {
    // A worker from before the logger was there writes in its own format.
    return false;
  }
  const { method, target, status } = record;
  // What a client sends is in the fields as it is; a message may end on a terminal.
  const message = `${method} ${target} ${status}`
    .replaceAll(/[^\x20-\x7e]/g, "?");
  return taker.put("info", message, record);
}

/** How a logger wants message and fields. */
function styleOf(
  logger: LoggerObject,
): (message: string, fields: LogFields) => unknown[] {
  const { bindings, addSerializers, category } = logger as {
    bindings?: unknown;
    addSerializers?: unknown;
    category?: unknown;
  };
  // pino has the one, bunyan the other.
  if (typeof bindings === "function" || typeof addSerializers === "function") {
    // A % would take an argument of pino's, if there were one more.
    return (message, fields) => [fields, message];
  }
  // LogTape's messages are templates.
  if (Array.isArray(category)) {
    return (message, fields) => [message.replaceAll(/[{}]/g, "$&$&"), fields];
  }
  return (message, fields) => [message, fields];
}

function methodOf(
  value: unknown,
  names: readonly (keyof LoggerObject)[],
): string | undefined {
  if (typeof value !== "object" && typeof value !== "function") {
    return undefined;
  }
  const all = value as Record<string, unknown> | null;
  return names.find((name) => typeof all?.[name] === "function");
}
