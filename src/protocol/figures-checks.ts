/** Reads what a worker says of its figures. */
import { DURATION_BUCKETS } from "../exchange/durations.ts";
import type { DurationCount } from "../exchange/durations.ts";
import { REFUSAL_REASONS } from "../exchange/refused.ts";
import type { RefusalReason, RefusedCount } from "../exchange/refused.ts";
import { THREAD_STATES } from "../exchange/thread-state.ts";
import type { ThreadState } from "../exchange/thread-state.ts";
import { isTraceId } from "../telemetry/exemplars.ts";
import type { BucketExemplar } from "../telemetry/exemplars.ts";
import { METHODS } from "../telemetry/request-figures.ts";
import type { RequestCounts } from "../telemetry/request-figures.ts";
import type { SocketCounts } from "../telemetry/socket-figures.ts";
import { isCount, isListOf, isObject, isTime } from "./field-checks.ts";
import type { Fields } from "./field-checks.ts";
import { OLDEST } from "./messages.ts";
import type { FiguresMessage, SeenFigures } from "./messages.ts";
import {
  isOpenRequest,
  isThread,
  MOST_THREADS,
  openRequest,
} from "./request-checks.ts";

/** More buckets than any setting asks for. */
export const MOST_BUCKETS = 101;

/** A method that is not counted by its name would be a name of the app's choice. */
export function isRequestCounts(value: unknown): value is RequestCounts {
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

function isSeen(value: unknown): value is SeenFigures {
  if (!isObject(value)) return false;
  const { durations, failed, oldest, threads = [] } = value;
  return isListOf(durations, isDurationCount) &&
    durations.length <= DURATION_BUCKETS && isCount(failed) &&
    isListOf(oldest, isOpenRequest) && oldest.length <= OLDEST &&
    isListOf(threads, isThreadState) && threads.length <= MOST_THREADS;
}

/** Counts by name. */
export function isCounts(
  value: unknown,
): value is Readonly<Record<string, number>> {
  return isObject(value) && Object.values(value).every(isCount);
}

/** What a worker has done and how it is, or undefined where it is not that. */
export function readFigures(
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
  }: Fields,
): FiguresMessage | undefined {
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
}
