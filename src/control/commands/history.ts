/** What `logs` and `events` show: what a corn has told, and with --follow what it tells. */
import { LEVELS } from "../../log/event.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HeardEvent } from "../client/answer-reader.ts";
import { listen } from "../client/ask.ts";
import { getFrom } from "./get-from.ts";
import type { Printer } from "./give-order.ts";
import type { Order } from "./options.ts";
import { showEntry } from "./show.ts";
import { EXIT } from "./target.ts";

/** Shows it, and gives the exit code. */
export async function showHistory(
  runtime: Runtime,
  { command, words: [word], follow, level = "info" }: Order,
  { path, printer }: { readonly path: string; readonly printer: Printer },
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
  const { stdout } = runtime.self;
  if (!follow || stdout.gone) return EXIT.done;
  const ending = new AbortController();
  // As head(1), which may leave long before the next line.
  const reader = stdout.whenGone(() => ending.abort());
  await listen(runtime, path, {
    target: `/v1/events?event=${event}&after=${kept.last}`,
    signal: ending.signal,
    onEvent({ id, event, data }) {
      if (event === "lost") {
        return printer.complain("corn: some of it was lost");
      }
      const { time, ...rest } = data;
      if (!wants(rest)) return;
      const entry = { id, time, event: event as "log", data: rest };
      printer.json(entry);
      printer.say(`${showEntry(entry)}\n`);
      if (stdout.gone) ending.abort();
    },
  }).finally(() => reader.close());
  return EXIT.done;
}
