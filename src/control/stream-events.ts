/** Sends what has happened, from a number on, and then what happens. */
import type { Closeable } from "../runtime/runtime.ts";
import type { Chronicle, Entry } from "./chronicle.ts";
import type { EventStream } from "./door/route.ts";
import type { Subject } from "./subject.ts";

/** What may be under way of what has happened before. */
const AHEAD = 32 * 1024;
const PAUSE_MS = 20;

export interface Wish {
  /** The last number that the client has. */
  readonly after: number;
  /** Whether it wants an event. */
  wants(entry: Entry): boolean;
}

/** Begins; what is returned ends it. */
export function streamEvents(
  stream: EventStream,
  chronicle: Chronicle,
  { after, wants, clock }: Wish & { readonly clock: Pick<Subject, "after"> },
): () => void {
  let last = after;
  let timer: Closeable | undefined;
  let listening: Closeable | undefined;
  const send = (entry: Entry) => {
    last = entry.id;
    if (!wants(entry)) return;
    const { id, event, time, data } = entry;
    stream.send({ id, event, data: { time, ...data } });
  };
  const catchUp = () => {
    timer = undefined;
    const { entries, lost } = chronicle.after(last);
    if (lost) stream.send({ event: "lost", data: {} });
    for (const entry of entries) {
      if (stream.unread > AHEAD) {
        timer = clock.after(PAUSE_MS, catchUp);
        return;
      }
      send(entry);
    }
    // From here on a client that does not read is told and let go.
    listening = chronicle.listen(send);
  };
  catchUp();
  return () => {
    timer?.close();
    listening?.close();
  };
}
