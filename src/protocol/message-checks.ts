/**
 * Reads what a worker says. An app runs in the worker's process and may write
 * into its channel, so nothing is taken at its word: what is not a message in
 * every field is none, and of a message no more is kept than what it has to say.
 */
import { LEVELS } from "../log/event.ts";
import type { Level } from "../log/event.ts";
import type { Address } from "../runtime/runtime.ts";
import { isCount, isListOf, isObject, isText } from "./field-checks.ts";
import type { Fields } from "./field-checks.ts";
import { readFigures } from "./figures-checks.ts";
import { RECYCLE_KINDS } from "./messages.ts";
import type { RecycleKind, WorkerMessage } from "./messages.ts";
import { readRequests } from "./request-checks.ts";

/** Nowhere else may an app lead the arbiter to. */
const DEBUGGER_URL = /^ws:\/\/127\.0\.0\.1:\d{1,5}\/(ws\/)?[\w-]{16,64}$/;

/** So much of an unknown type is shown. */
const NAMED_TYPE = 40;

/** A worker's message, or undefined where it is none. */
export function readWorkerMessage(value: unknown): WorkerMessage | undefined {
  if (!isObject(value)) return undefined;
  const { type } = value;
  // Names of Object.prototype are no kinds.
  return typeof type === "string" && Object.hasOwn(READERS, type)
    ? READERS[type as WorkerMessage["type"]](value)
    : undefined;
}

/** Names what is no message, for a person: its kind, with nothing that a terminal obeys. */
export function nameStranger(value: unknown): string {
  if (value === undefined) return "a line that is no JSON";
  const type = isObject(value) ? value.type : undefined;
  if (!isText(type)) return "a value without a type";
  const text = type.slice(0, NAMED_TYPE).replace(
    /[^\x20-\x7e]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `a message of type "${text}${type.length > NAMED_TYPE ? "..." : ""}"`;
}

const READERS: {
  readonly [Type in WorkerMessage["type"]]: (
    fields: Fields,
  ) => WorkerMessage & { type: Type } | undefined;
} = {
  // Older workers do not tell corn's version.
  hello({ runtime, version, corn = "" }) {
    return isText(runtime) && isText(version) && isText(corn)
      ? { type: "hello", runtime, version, corn }
      : undefined;
  },
  ready({ engine, addresses }) {
    return isText(engine) && isListOf(addresses, isAddress)
      ? { type: "ready", engine, addresses }
      : undefined;
  },
  failed({ kind, message, stack }) {
    return (kind === "app" || kind === "boot") && isText(message) &&
        isText(stack)
      ? { type: "failed", kind, message, stack }
      : undefined;
  },
  beat({ requests, open, busy, blockedMs = 0, look = "" }) {
    return isCount(requests) && isCount(open) && typeof busy === "boolean" &&
        isCount(blockedMs) && isText(look)
      ? { type: "beat", requests, open, busy, blockedMs, look }
      : undefined;
  },
  recycle({ kind, reason, failure, now = false }) {
    return isRecycleKind(kind) && isText(reason) &&
        typeof failure === "boolean" &&
        typeof now === "boolean"
      ? { type: "recycle", kind, reason, failure, now }
      : undefined;
  },
  debugger({ url }) {
    return isText(url) && DEBUGGER_URL.test(url)
      ? { type: "debugger", url }
      : undefined;
  },
  recorded({ id, error = "" }) {
    return isCount(id) && isText(error)
      ? { type: "recorded", id, error }
      : undefined;
  },
  rekeyed({ id }) {
    return isCount(id) ? { type: "rekeyed", id } : undefined;
  },
  watching() {
    return { type: "watching" };
  },
  closed() {
    return { type: "closed" };
  },
  figures: readFigures,
  requests: readRequests,
  metrics({ id, text }) {
    return isCount(id) && isText(text)
      ? { type: "metrics", id, text }
      : undefined;
  },
  log({ level, text, exception = false }) {
    return isLevel(level) && isText(text) && typeof exception === "boolean"
      ? { type: "log", level, text, exception }
      : undefined;
  },
  access({ text }) {
    return isText(text) ? { type: "access", text } : undefined;
  },
};

function isRecycleKind(value: unknown): value is RecycleKind {
  return RECYCLE_KINDS.includes(value as RecycleKind);
}

function isLevel(value: unknown): value is Level {
  return LEVELS.includes(value as Level);
}

function isAddress(value: unknown): value is Address {
  if (!isObject(value)) return false;
  const { kind, host, port, path } = value;
  return kind === "tcp"
    ? isText(host) && isCount(port)
    : kind === "unix" && isText(path);
}
