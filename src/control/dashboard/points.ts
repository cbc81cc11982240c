/** What the charts show of a status: a few numbers for each second. */
import type { OpenRequests, Status, WorkerStatus } from "../snapshot.ts";

/** So much a chart shows at most, */
const SPAN_MS = 300_000;
/** and at least: few points do not look like many. */
const LEAST_SPAN_MS = 60_000;

/** A status, the requests that are open, and when that was told, in milliseconds of the wall clock. */
export interface Look {
  readonly status: Status;
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
  readonly websockets: number | null;
  /** Connections that wait to be accepted. */
  readonly waiting: number | null;
  /** Those in the fullest queue. */
  readonly fullest: number | null;
  /** The longest that an event loop was late. */
  readonly lagMs: number | null;
  readonly cpu: number | null;
  readonly rssBytes: number | null;
}

export function pointOf({ status, at }: Pick<Look, "status" | "at">): Point {
  const { live } = status.totals;
  const lives = status.workers.flatMap(({ live }) => live ? [live] : []);
  const queues = status.listeners.flatMap(({ queues }) =>
    queues.map(({ waiting }) => waiting)
  );
  const lags = status.workers.map((worker) => lagOf(worker));
  return {
    at,
    perSecond: live?.perSecond ?? null,
    p50Ms: live?.p50Ms ?? null,
    p99Ms: live?.p99Ms ?? null,
    open: status.totals.open,
    queued: sum(lives.map(({ queued }) => queued)),
    // An older corn tells of none.
    websockets: sum(lives.map(({ websockets }) => websockets ?? null)),
    waiting: status.waiting,
    fullest: queues.length === 0 ? null : Math.max(...queues),
    lagMs: known(lags).length === 0 ? null : Math.max(...known(lags)),
    cpu: sum(lives.map(({ cpu }) => cpu)),
    rssBytes: sum(lives.map(({ rssBytes }) => rssBytes)),
  };
}

/** What a chart of these points shows, in milliseconds of the wall clock. */
export function spanOf(
  points: readonly Pick<Point, "at">[],
): { readonly from: number; readonly to: number } {
  const to = points.at(-1)?.at ?? 0;
  const ms = to - (points[0]?.at ?? to);
  return { from: to - Math.max(LEAST_SPAN_MS, Math.min(SPAN_MS, ms)), to };
}

/** How late a worker's event loop is: one that is blocked does not tell. */
export function lagOf(
  { state, live, silentMs }: Pick<WorkerStatus, "state" | "live" | "silentMs">,
): number | null {
  if (live === null) return null;
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
