/** The pool in a few lines. */
import { LATE_DAYS } from "../../base/late-days.ts";
import type { Status } from "../snapshot.ts";
import { countText, partText, shortTime, span } from "./text.ts";
import { socketsOf } from "./worker-table.ts";

/** One of them, and whether it tells of what is wrong. */
export interface SummaryLine {
  readonly text: string;
  readonly grave?: boolean;
}

/** What a line has where nothing says how wide it may be. */
const LINE = 120;

/** Parts beside each other while there is room for that, and below each other where not. */
function together(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const joined = `${lines.at(-1)}   ${part}`;
    if (lines.length === 0 || joined.length > columns) lines.push(part);
    else lines[lines.length - 1] = joined;
  }
  return lines;
}

/** `now` is the wall clock's. */
export function summary(
  status: Status,
  now: number,
  columns: number = LINE,
): SummaryLine[] {
  const { version, runtime, pid, app, name, generation, rollout, scale } =
    status;
  const { certificates = [] } = status;
  const since = generation.since === null
    ? ""
    : `, ${span(now - Date.parse(generation.since))} old`;
  const { failed } = generation;
  const addresses = status.listeners.map(addressText);
  return [
    {
      text: [
        `corn ${version} (pid ${pid}, ${runtime.name} ${runtime.version})`,
        name === undefined ? app : `${name}: ${app}`,
        `up ${span(status.uptimeMs)}`,
        `generation ${generation.number}${since}`,
        ...status.state === "serving" ? [] : [status.state],
      ].join("  "),
    },
    ...together([...addresses, figuresText(status)], columns).map((text) => ({
      text,
    })),
    ...certificates.map((one) => certificateLine(one, now)),
    ...rollout === undefined ? [] : [{
      text:
        `Generation ${rollout.generation} takes over: ${rollout.ready} of ${rollout.wanted} ready after ${
          span(rollout.ms)
        }${rollout.canary ? ", its first worker is judged" : ""}`,
    }],
    // An older corn may still run, which tells less.
    ...scale === undefined || (scale.why === null && scale.min === null)
      ? []
      : [{ text: scaleText(scale, now) }],
    ...failed === undefined
      ? []
      : [{ text: `Last reload: ${failed.message}`, grave: true }],
  ];
}

function certificateLine(
  { name, until }: NonNullable<Status["certificates"]>[number],
  now: number,
): SummaryLine {
  const days = Math.floor((Date.parse(until) - now) / 86_400_000);
  const left = days < 0
    ? "has ended"
    : `${days} ${days === 1 ? "day" : "days"}`;
  return {
    text: `Certificate of ${name}  until ${until.slice(0, 10)}  ${left}`,
    grave: days < LATE_DAYS,
  };
}

function addressText(
  { address, queues = [] }: Status["listeners"][number],
): string {
  if (queues.length === 0) return address;
  const waiting = queues.reduce((sum, one) => sum + one.waiting, 0);
  return `${address}  ${queues.length} ${
    queues.length === 1 ? "queue" : "queues"
  }, ${waiting} waiting`;
}

function figuresText({ totals, ready, wanted, workers }: Status): string {
  const { live } = totals;
  const sockets = socketsOf(workers);
  return [
    ...live?.perSecond == null ? [] : [`${countText(live.perSecond)} req/s`],
    ...live?.failed == null ? [] : [`${partText(live.failed)} 5xx`],
    ...live?.p50Ms == null ? [] : [
      `p50 ${shortTime(live.p50Ms)}`,
      `p99 ${shortTime(live.p99Ms)}`,
    ],
    `${totals.open} open`,
    ...sockets === 0
      ? []
      : [`${sockets} ${sockets === 1 ? "WebSocket" : "WebSockets"}`],
    `${ready} of ${wanted} ready`,
  ].join("  ");
}

function scaleText(
  { min, max, now: size, why, changedAt }: Status["scale"],
  now: number,
): string {
  const range = min === null ? "" : ` of ${min}..${max}`;
  const ago = changedAt === null
    ? ""
    : `: ${why}, ${span(now - Date.parse(changedAt))} ago`;
  return `Size ${size}${range}${ago}`;
}
