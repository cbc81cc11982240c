/** What `logs` and `events` show: what a corn has told, and with --follow what it tells. */
import { LEVELS } from "../../log/event.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HeardEvent } from "../client/answer-reader.ts";
import { listen, Unanswered } from "../client/ask.ts";
import { findSuccessor } from "../client/successor.ts";
import type { Status } from "../snapshot.ts";
import { getFrom } from "./get-from.ts";
import type { Printer } from "./give-order.ts";
import type { Order } from "./options.ts";
import { showEntry } from "./show.ts";
import { EXIT } from "./target.ts";

/** Until a corn is listened to again that has ended the connection. */
const AGAIN_MS = 1000;

interface Asking {
  readonly path: string;
  readonly printer: Printer;
}

/** Which of it is shown. */
interface Choice {
  readonly event: "log" | "note";
  // deno-lint-ignore no-explicit-any
  wants(data: any): boolean;
}

/** Shows it, and gives the exit code. */
export async function showHistory(
  runtime: Runtime,
  { command, words: [word], follow, level = "info" }: Order,
  { path, printer }: Asking,
): Promise<number> {
  const event = command === "logs" ? "log" : "note";
  const lowest = LEVELS.indexOf(level);
  // deno-lint-ignore no-explicit-any
  const wants = (data: any) =>
    event === "note" ||
    (LEVELS.indexOf(data.level) >= lowest &&
      (word === undefined || String(data.slot) === word));
  const kept = await getFrom(runtime, path, `/v1/history?event=${event}`);
  const events = kept.events.filter(({ data }: HeardEvent) => wants(data));
  if (!follow) printer.json({ ...kept, events });
  for (const one of events) {
    if (follow) printer.json(one);
    printer.say(`${showEntry(one)}\n`);
  }
  if (follow) {
    const choice = { event, wants } as const;
    await followHistory(runtime, choice, { path, printer, after: kept.last });
  }
  return EXIT.done;
}

/** Shows what comes, until corn ends; of the arbiter too that takes over meanwhile. */
async function followHistory(
  runtime: Runtime,
  choice: Choice,
  { path, printer, after }: Asking & { readonly after: number },
): Promise<void> {
  const { clock, self: { stdout } } = runtime;
  let at = { path, printer, after };
  let corn: Status = await getFrom(runtime, path, "/v1/status");
  while (!stdout.gone) {
    const { last, cut, left } = await hear(runtime, choice, at);
    if (left) return;
    at = { ...at, after: last };
    if (cut) continue;
    const now = await statusAt(runtime, at.path);
    if (now?.pid === corn.pid) {
      // It may have let go of a reader that stood still, without a word that came through.
      await new Promise<void>((resolve) => void clock.after(AGAIN_MS, resolve));
      continue;
    }
    const next = now === undefined
      ? await findSuccessor(runtime, corn)
      : at.path;
    if (next === undefined) {
      printer.complain(`corn: process ${corn.pid} has ended`);
      return;
    }
    corn = now ?? await getFrom(runtime, next, "/v1/status");
    at = { ...at, path: next, after: 0 };
  }
}

/**
 * Listens until the connection ends, or the reader of standard output is gone
 * (`left`). `last` is the number of the last event; `cut` says that corn closed
 * the connection because more events waited for this client than it keeps.
 */
async function hear(
  runtime: Runtime,
  { event, wants }: Choice,
  { path, printer, after }: Asking & { readonly after: number },
): Promise<{ last: number; cut: boolean; left: boolean }> {
  const { stdout } = runtime.self;
  const ending = new AbortController();
  // As head(1), which may leave long before the next line.
  const reader = stdout.whenGone(() => ending.abort());
  let last = after;
  let cut = false;
  await listen(runtime, path, {
    target: `/v1/events?event=${event}&after=${after}`,
    signal: ending.signal,
    onEvent({ id, event: told, data }) {
      // What is not kept any more is told at the beginning, the end is told last.
      if (cut) printer.complain("corn: some of it was lost");
      cut = told === "lost";
      if (cut) return;
      last = id ?? last;
      const { time, ...rest } = data;
      if (!wants(rest)) return;
      const entry = { id, time, event: told as "log", data: rest };
      printer.json(entry);
      printer.say(`${showEntry(entry)}\n`);
      if (stdout.gone) ending.abort();
    },
  }).finally(() => reader.close());
  return { last, cut, left: ending.signal.aborted };
}

/** The status of what answers at a path; undefined where nothing does. */
async function statusAt(
  runtime: Runtime,
  path: string,
): Promise<Status | undefined> {
  try {
    return await getFrom(runtime, path, "/v1/status");
  } catch (error) {
    if (error instanceof Unanswered) return undefined;
    throw error;
  }
}
