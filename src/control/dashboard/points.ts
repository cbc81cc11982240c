/** What the charts show of a status: a few numbers for each second. */
import type { Status, WorkerStatus } from "../snapshot.ts";
import type { Figured, OpenRequests } from "./figured.ts";

/** A status, the requests that are open, and when that was told, in milliseconds of the wall clock. */
export interface Look {
  readonly status: Figured<Status>;
  readonly open: OpenRequests;
  readonly at: number;
}

/** One second of all workers; null is what is not known. */
export interface Point {
  readonly at: number;
  readonly perSecond: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly open: number;
  /** Requests that wait in workers for their turn. */
  readonly queued: number | null;
  /** Connections that wait to be accepted. */
  readonly waiting: number | null;
  /** Those in the fullest queue. */
  readonly fullest: number | null;
  /** The longest that an event loop was late. */
  readonly lagMs: number | null;
  readonly cpu: number | null;
  readonly rssBytes: number | null;
}

/** Requests a second of one worker process between two looks; null where it is another one by now. */
export function rateOf(
  { age, requests, live }: Pick<WorkerStatus, "age" | "requests"> & {
    readonly live?: { readonly perSecond: number | null } | null;
  },
  { at }: Pick<Look, "at">,
  before: Look | undefined,
): number | null {
  if (live) return live.perSecond;
  const same = before?.status.workers.find((one) => one.age === age);
  if (before === undefined || same === undefined || at <= before.at) {
    return null;
  }
  return Math.max(0, requests - same.requests) * 1000 / (at - before.at);
}

export function pointOf(look: Look, before: Look | undefined): Point {
  const { status, at } = look;
  const { live } = status.totals;
  const rates = status.workers.map((worker) => rateOf(worker, look, before));
  const lives = status.workers.flatMap(({ live }) => live ? [live] : []);
  const queues = status.listeners.flatMap(({ queues = [] }) =>
    queues.map(({ waiting }) => waiting)
  );
  const lags = status.workers.map((worker) => lagOf(worker));
  return {
    at,
    perSecond: live?.perSecond ?? sum(rates),
    p50Ms: live?.p50Ms ?? null,
    p99Ms: live?.p99Ms ?? null,
    open: status.totals.open,
    queued: sum(lives.map(({ queued }) => queued)),
    waiting: status.waiting,
    fullest: queues.length === 0 ? null : Math.max(...queues),
    lagMs: known(lags).length === 0 ? null : Math.max(...known(lags)),
    cpu: sum(lives.map(({ cpu }) => cpu)),
    rssBytes: sum(lives.map(({ rssBytes }) => rssBytes)),
  };
}

/** How late a worker's event loop is: one that is blocked does not tell. */
export function lagOf(
  { state, live, silentMs = 0 }: Figured<Status>["workers"][number],
): number | null {
  if (!live) return null;
  return state === "late" ? Math.max(silentMs, live.lagMs) : live.lagMs;
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

/** Of those that are known; null where none is. */
function sum(values: readonly (number | null)[]): number | null {
  const all = known(values);
  return all.length === 0 ? null : all.reduce((total, one) => total + one, 0);
}
