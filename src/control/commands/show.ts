/** What commands print of what they were told. */
import type { Entry } from "../chronicle.ts";
import type {
  describeConfig,
  OpenRequests,
  Status,
  WorkerStatus,
} from "../snapshot.ts";
import { summary } from "./summary.ts";
import { plain, span, table } from "./text.ts";
import { threadRows } from "./threads.ts";
import { taskRows, workerRows } from "./worker-table.ts";

export function showStatus(status: Status, now: number): string {
  return [
    ...summary(status, now).map(({ text }) => text),
    "",
    showWorkers(status.workers, now),
    // One of before has none.
    ...status.tasks?.length ? ["", table(taskRows(status.tasks))] : [],
  ].map(plain).join("\n");
}

export function showWorkers(
  workers: readonly WorkerStatus[],
  now: number,
): string {
  return table(workerRows(workers, (worker) => restartsText(worker, now)));
}

/** The threads of one worker, a line each. */
export function showThreads({ live }: WorkerStatus): string | undefined {
  return live?.threads && table(threadRows(live.threads));
}

/** Requests that are open, a line each; their threads only where workers have several. */
export function showRequests({ requests, more }: OpenRequests): string {
  const threads = requests.some(({ thread }) => thread !== undefined);
  return plain(
    [
      table([
        [
          ...["FOR", "WORKER", ...threads ? ["THREAD"] : []],
          ...["PID", "STATE", "CLIENT", "REQUEST"],
        ],
        ...requests.map((
          { method, path, ms, state, client, worker, thread },
        ) => [
          span(ms),
          String(worker.slot),
          ...threads ? [String(thread ?? "-")] : [],
          String(worker.pid ?? "-"),
          state,
          client ?? "-",
          `${method} ${path}`,
        ]),
      ]),
      ...more > 0 ? [`… and ${more} more`] : [],
    ].join("\n"),
  );
}

function restartsText({ restarts }: WorkerStatus, now: number): string {
  const { total, last } = restarts;
  if (last === undefined) return String(total);
  const [reason = ""] = last.reason.split("\n", 1);
  return `${total} (${reason}, ${span(now - Date.parse(last.time))} ago)`;
}

/** All that run, a line each. */
export function showList(
  all: readonly { readonly path: string; readonly status: Status }[],
): string {
  const named = all.some(({ status }) => status.name !== undefined);
  return plain(table([
    [
      "PID",
      ...named ? ["NAME"] : [],
      ...["APP", "STATE", "READY", "GEN", "UP", "ADDRESS"],
    ],
    ...all.map(({ status }) => [
      String(status.pid),
      ...named ? [status.name ?? "-"] : [],
      status.app,
      status.state,
      `${status.ready} of ${status.wanted}`,
      String(status.generation.number),
      span(status.uptimeMs),
      status.listeners.map(({ address }) => address).join(" "),
    ]),
  ]));
}

export function showConfig(
  { app, settings }: ReturnType<typeof describeConfig>,
): string {
  return table([
    ["app", app, ""],
    ...Object.entries(settings).map(([name, { value, origin }]) => [
      name,
      value === "" ? "-" : plain(value).replaceAll("\n", "\ufffd"),
      `# ${origin}`,
    ]),
  ]);
}

/** A line of the log, or what happened to a worker. */
export function showEntry(
  { event, time, data }: Pick<Entry, "event" | "time" | "data">,
): string {
  if (event === "log") {
    const { pid, level, text } = data as (Entry & { event: "log" })["data"];
    return plain(`[${time}] [${pid}] [${level.toUpperCase()}] ${text}`);
  }
  const { about, text, worker, pool } =
    data as (Entry & { event: "note" })["data"];
  const whose = pool === undefined ? "" : ` tasks ${pool}`;
  const who = whose + (worker === undefined ? "" : ` worker ${worker.slot}`);
  return plain(
    `${time} ${about}${who}${text === undefined ? "" : `: ${text}`}`,
  );
}
