/**
 * Reads what a worker or another arbiter says. An app runs in the worker's
 * process and may write into its channel, so nothing is taken at its word: what
 * is not a message in every field is none, and of a message no more is kept
 * than what it has to say.
 */
import { DURATION_BUCKETS } from "../exchange/durations.ts";
import type { DurationCount } from "../exchange/durations.ts";
import { SEATS } from "../exchange/flight-record.ts";
import { REFUSAL_REASONS } from "../exchange/refused.ts";
import type { RefusalReason, RefusedCount } from "../exchange/refused.ts";
import type { OpenRequest } from "../exchange/open-request.ts";
import { THREAD_STATES } from "../exchange/thread-state.ts";
import type { ThreadState } from "../exchange/thread-state.ts";
import { LEVELS } from "../log/event.ts";
import type { Level } from "../log/event.ts";
import { isTraceId } from "../telemetry/exemplars.ts";
import type { BucketExemplar } from "../telemetry/exemplars.ts";
import { METHODS } from "../telemetry/request-figures.ts";
import type { CountsRecord } from "../telemetry/sums.ts";
import type { SocketCounts } from "../telemetry/socket-figures.ts";
import type { RequestCounts } from "../telemetry/request-figures.ts";
import { readFrames } from "./look.ts";
import { MOST_PATH, OLDEST, RECYCLE_KINDS } from "./messages.ts";
import type {
  BlockedThread,
  ListedRequest,
  RecycleKind,
  SeenFigures,
  SuccessorMessage,
  SumsMessage,
  WorkerMessage,
} from "./messages.ts";
import type { Address } from "../runtime/runtime.ts";

/** More buckets than any setting asks for. */
const MOST_BUCKETS = 101;

/** Nowhere else may an app lead the arbiter to. */
const DEBUGGER_URL = /^ws:\/\/127\.0\.0\.1:\d{1,5}\/(ws\/)?[\w-]{16,64}$/;

/** More threads than any setting asks for. */
const MOST_THREADS = 1024;

/** So much of an unknown type is shown. */
const NAMED_TYPE = 40;

/** An object from the other side: any field may be anything. */
type Fields = Readonly<Record<string, unknown>>;

/** A worker's message, or undefined where it is none. */
export function readWorkerMessage(value: unknown): WorkerMessage | undefined {
  if (!isObject(value)) return undefined;
  const { type } = value;
  // Names of Object.prototype are no kinds.
  return typeof type === "string" && Object.hasOwn(READERS, type)
    ? READERS[type as WorkerMessage["type"]](value)
    : undefined;
}

/** What a new arbiter says to the one before it, or undefined where it is not that. */
export function readSuccessorMessage(
  value: unknown,
): SuccessorMessage | undefined {
  if (!isObject(value)) return undefined;
  return value.type === "serving" ? { type: "serving" } : readSums(value);
}

/** What another arbiter has counted, or undefined where it is not that: it may be of another version. */
export function readSums(value: unknown): SumsMessage | undefined {
  if (!isObject(value) || value.type !== "sums") return undefined;
  const { record } = value;
  return isCountsRecord(record) ? { type: "sums", record } : undefined;
}

function isCountsRecord(value: unknown): value is CountsRecord {
  if (!isObject(value)) return false;
  const { bucketsMs, requests, slots, arbiterCpuMs } = value;
  return isListOf(bucketsMs, isTime) && bucketsMs.length < MOST_BUCKETS &&
    isListOf(requests, isRequestCounts) && isListOf(slots, isSlotEntry) &&
    isCounts(value.exits) && isCounts(value.reloads) &&
    isCounts(value.logLines) &&
    (value.socketsOpened === undefined || isCount(value.socketsOpened)) &&
    (value.socketsClosed === undefined || isCounts(value.socketsClosed)) &&
    // One of before does not tell it.
    (value.refused === undefined || isCounts(value.refused)) &&
    isTime(arbiterCpuMs) && isText(value.app);
}

function isSocketCounts(value: unknown): value is SocketCounts {
  return isObject(value) && isCount(value.open) && isCount(value.opened) &&
    isCounts(value.closed);
}

/** Only what can be: a worker that may say anything would add label after label. */
function closeCounts(
  closed: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(closed).filter(([name]) => /^(1\d{3}|app)$/.test(name)),
  );
}

function isSlotEntry(value: unknown): value is CountsRecord["slots"][number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [slot, sums] = value as unknown[];
  return isCount(slot) && isObject(sums) && isCount(sums.requests) &&
    isTime(sums.cpuMs) && isCount(sums.restarts);
}

function isCounts(value: unknown): value is Readonly<Record<string, number>> {
  return isObject(value) && Object.values(value).every(isCount);
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
  hello({ runtime, version }) {
    return isText(runtime) && isText(version)
      ? { type: "hello", runtime, version }
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
  figures(
    {
      requests,
      open,
      queued,
      cpuMs,
      busyMs,
      rss,
      heapUsed,
      lagMs,
      ended,
      sockets,
      refused,
      seen,
    },
  ) {
    return isCount(requests) && isCount(open) && isCount(queued) &&
        isTime(cpuMs) &&
        (busyMs === undefined || isTime(busyMs)) && isCount(rss) &&
        isCount(heapUsed) && isTime(lagMs) &&
        isListOf(ended, isRequestCounts) &&
        (sockets === undefined || isSocketCounts(sockets)) &&
        (refused === undefined || isListOf(refused, isRefused)) &&
        (seen === undefined || isSeen(seen))
      ? {
        type: "figures",
        requests,
        open,
        queued,
        cpuMs,
        ...(busyMs !== undefined && { busyMs }),
        rss,
        heapUsed,
        lagMs,
        ended: ended.map(({ method, status, sumMs, counts, exemplars }) => ({
          method,
          status,
          sumMs,
          counts,
          ...(exemplars !== undefined && { exemplars }),
        })),
        ...(sockets !== undefined && {
          sockets: {
            open: sockets.open,
            opened: sockets.opened,
            closed: closeCounts(sockets.closed),
          },
        }),
        ...(refused !== undefined && { refused }),
        ...(seen !== undefined && {
          seen: {
            durations: seen.durations,
            failed: seen.failed,
            oldest: seen.oldest.map(openRequest),
            ...(seen.threads !== undefined && {
              threads: seen.threads.map(threadState),
            }),
          },
        }),
      }
      : undefined;
  },
  requests({ id, requests, blocked = [] }) {
    return isCount(id) && isListOf(requests, isListed) &&
        requests.length <= SEATS &&
        isListOf(blocked, isBlockedThread) && blocked.length <= MOST_THREADS
      ? {
        type: "requests",
        id,
        requests: requests.map((one) => ({
          ...openRequest(one),
          ...(one.client !== undefined && { client: one.client }),
          ...(one.running && { running: true }),
        })),
        ...(blocked.length > 0 && {
          blocked: blocked.map(({ thread, ms, by, frames }) => ({
            ...{ thread, ms },
            ...(by !== undefined && { by: openRequest(by) }),
            ...(frames !== undefined && { frames: readFrames(frames) }),
          })),
        }),
      }
      : undefined;
  },
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

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Milliseconds, whole or not. */
function isTime(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) >= 0;
}

/** A method that is not counted by its name would be a name of the app's choice. */
function isRequestCounts(value: unknown): value is RequestCounts {
  if (!isObject(value)) return false;
  const { method, status, sumMs, counts, exemplars } = value;
  return METHODS.includes(method as string) && isCount(status) &&
    status >= 100 && status < 1000 && isTime(sumMs) &&
    isListOf(counts, isCount) && counts.length <= MOST_BUCKETS &&
    (exemplars === undefined ||
      (isListOf(exemplars, isExemplar) && exemplars.length <= counts.length));
}

function isExemplar(value: unknown): value is BucketExemplar {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [bucket, exemplar] = value as unknown[];
  return isCount(bucket) && isObject(exemplar) && isTraceId(exemplar.traceId) &&
    isTime(exemplar.ms);
}

/** Of how many the arbiter remembers each: there are as many reasons as corn has, and statuses. */
function isRefused(value: unknown): value is RefusedCount {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [reason, status, count] = value as unknown[];
  return REFUSAL_REASONS.includes(reason as RefusalReason) &&
    isCount(status) && status >= 400 && status < 600 && isCount(count);
}

function isDurationCount(value: unknown): value is DurationCount {
  return Array.isArray(value) && value.length === 2 && value.every(isCount) &&
    (value[0] as number) < DURATION_BUCKETS;
}

function isOpenRequest(value: unknown): value is OpenRequest {
  return isObject(value) && isText(value.method) && isText(value.path) &&
    isTime(value.ms) &&
    (value.thread === undefined || isThread(value.thread));
}

function isThread(value: unknown): value is number {
  return isCount(value) && value >= 1 && value <= MOST_THREADS;
}

function isThreadState(value: unknown): value is ThreadState {
  return isObject(value) && isThread(value.thread) &&
    THREAD_STATES.includes(value.state as ThreadState["state"]) &&
    isCount(value.requests) && isCount(value.open) && isCount(value.lagMs);
}

function threadState(
  { thread, state, requests, open, lagMs }: ThreadState,
): ThreadState {
  return { thread, state, requests, open, lagMs };
}

function isListed(value: unknown): value is ListedRequest {
  const { client, running } = isObject(value) ? value : {};
  return isOpenRequest(value) && (client === undefined || isText(client)) &&
    (running === undefined || running === true);
}

function isBlockedThread(value: unknown): value is BlockedThread {
  return isObject(value) && isThread(value.thread) && isTime(value.ms) &&
    (value.by === undefined || isOpenRequest(value.by)) &&
    (value.frames === undefined || isListOf(value.frames, isText));
}

/** No more of a request is kept than a person can read. */
function openRequest({ method, path, ms, thread }: OpenRequest): OpenRequest {
  return {
    method: method.slice(0, 24),
    path: path.slice(0, MOST_PATH),
    ms,
    ...(thread !== undefined && { thread }),
  };
}

function isSeen(value: unknown): value is SeenFigures {
  if (!isObject(value)) return false;
  const { durations, failed, oldest, threads = [] } = value;
  return isListOf(durations, isDurationCount) &&
    durations.length <= DURATION_BUCKETS && isCount(failed) &&
    isListOf(oldest, isOpenRequest) && oldest.length <= OLDEST &&
    isListOf(threads, isThreadState) && threads.length <= MOST_THREADS;
}

function isRecycleKind(value: unknown): value is RecycleKind {
  return RECYCLE_KINDS.includes(value as RecycleKind);
}

function isLevel(value: unknown): value is Level {
  return LEVELS.includes(value as Level);
}

function isListOf<Item>(
  value: unknown,
  isItem: (one: unknown) => one is Item,
): value is readonly Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isAddress(value: unknown): value is Address {
  if (!isObject(value)) return false;
  const { kind, host, port, path } = value;
  return kind === "tcp"
    ? isText(host) && isCount(port)
    : kind === "unix" && isText(path);
}
