/** One picture of `corn top`, as text. */
import type { Status, WorkerStatus } from "../snapshot.ts";
import { plain, span, table } from "./text.ts";

/** Where it is shown. */
export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

/** A status, and when it was asked for, in milliseconds of any clock. */
export interface Look {
  readonly status: Status;
  readonly at: number;
}

const RED = "31";
const YELLOW = "33";
const GREEN = "32";
const BOLD = "1";

const STATES: Readonly<Record<WorkerStatus["state"], string>> = {
  booting: YELLOW,
  ready: GREEN,
  late: RED,
  draining: YELLOW,
  ending: YELLOW,
};

/** Requests a second of one worker process between two looks; undefined where it is another one by now. */
export function rateOf(
  worker: WorkerStatus,
  before: Look | undefined,
  at: number,
): number | undefined {
  const same = before?.status.workers.find(({ age }) => age === worker.age);
  if (same === undefined || before === undefined || at <= before.at) return;
  const done = worker.requests - same.requests;
  return Math.max(0, done) * 1000 / (at - before.at);
}

function rateText(rate: number | undefined): string {
  if (rate === undefined) return "-";
  return rate > 0 && rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
}

/** At most so many lines as there are rows, each cut to the columns. */
export function frame(
  { status, at }: Look,
  before: Look | undefined,
  { columns, rows, colour }: FrameOptions,
): string[] {
  const rates = status.workers.map((worker) => rateOf(worker, before, at));
  const known = rates.filter((rate) => rate !== undefined);
  const whole = known.length === 0
    ? undefined
    : known.reduce((sum, rate) => sum + rate, 0);
  const { failed } = status.generation;
  const head = [
    `corn ${status.version}  ${status.app}  ${status.state}  up ${
      span(status.uptimeMs)
    }  generation ${status.generation.number}`,
    [
      `${rateText(whole)} req/s`,
      `${status.totals.open} open`,
      ...status.waiting === null ? [] : [`${status.waiting} waiting`],
      `${status.ready} of ${status.wanted} ready`,
      status.listeners.map(({ address }) => address).join(" "),
    ].join("  "),
    ...failed ? [`Last reload: ${failed.message.split("\n", 1)[0]}`] : [],
    "",
  ];
  const lines = table([
    ["WORKER", "PID", "GEN", "STATE", "FOR", "REQ/S", "OPEN", "RESTARTS"],
    ...status.workers.map((worker, index) => [
      String(worker.slot),
      String(worker.pid ?? "-"),
      String(worker.generation),
      worker.state,
      span(worker.stateMs),
      rateText(rates[index]),
      String(worker.open),
      String(worker.restarts.total),
    ]),
  ]).split("\n");
  const room = Math.max(2, rows - head.length);
  const shown = lines.slice(0, lines.length > room ? room - 1 : room);
  const hidden = lines.length - shown.length;
  const paint = (text: string, code: string | undefined) =>
    colour && code !== undefined ? `\x1b[${code}m${text}\x1b[0m` : text;
  const codes = [
    ...head.map((_, index) =>
      index === 0 ? BOLD : failed && index === 2 ? RED : undefined
    ),
    BOLD,
    ...status.workers.slice(0, shown.length - 1).map(({ state }) =>
      state === "ready" ? undefined : STATES[state]
    ),
  ];
  return [
    ...head,
    ...shown,
    ...hidden > 0 ? [`… and ${hidden} more`] : [],
  ].slice(0, rows).map((line, index) =>
    paint(plain(line).slice(0, columns), codes[index])
  );
}
