/** One picture of `corn top`, as text. */
import type { Status, WorkerStatus } from "../snapshot.ts";
import { summary } from "./summary.ts";
import { plain, table } from "./text.ts";
import { limps } from "./threads.ts";
import { taskRows, workerRows } from "./worker-table.ts";

/** Where it is shown. */
export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
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

/** At most so many lines as there are rows, each cut to the columns; `now` is the wall clock's. */
export function frame(
  status: Status,
  { columns, rows, colour, now }: FrameOptions & { readonly now: number },
): string[] {
  const head = [...summary(status, now, columns), { text: "" }];
  const lines = table(
    workerRows(status.workers, ({ restarts }) => String(restarts.total)),
  ).split("\n");
  // An older corn tells of no tasks.
  const tasks = status.tasks?.length
    ? ["", ...table(taskRows(status.tasks)).split("\n")]
    : [];
  const room = Math.max(2, rows - head.length - tasks.length);
  const shown = lines.slice(0, lines.length > room ? room - 1 : room);
  const hidden = lines.length - shown.length;
  const paint = (text: string, code: string | undefined) =>
    colour && code !== undefined ? `\x1b[${code}m${text}\x1b[0m` : text;
  const codes = [
    ...head.map(({ grave }, index) =>
      index === 0 ? BOLD : grave === true ? RED : undefined
    ),
    BOLD,
    ...status.workers.slice(0, shown.length - 1).map((worker) =>
      worker.state !== "ready"
        ? STATES[worker.state]
        : limps(worker)
        ? YELLOW
        : undefined
    ),
    ...hidden > 0 ? [undefined] : [],
    ...tasks.length > 0 ? [undefined, BOLD] : [],
    ...(status.tasks ?? []).map(({ ready, wanted }) =>
      ready < wanted ? YELLOW : undefined
    ),
  ];
  return [
    ...head.map(({ text }) => text.split("\n", 1)[0] as string),
    ...shown,
    ...hidden > 0 ? [`… and ${hidden} more`] : [],
    ...tasks,
  ].slice(0, rows).map((line, index) =>
    paint(plain(line).slice(0, columns), codes[index])
  );
}
