/** Sends the status each second, with how workers are doing. */
import type { Closeable } from "../runtime/runtime.ts";
import type { EventStream } from "./door/route.ts";
import type { Subject } from "./subject.ts";

const EACH_MS = 1000;

export interface SamplesParts {
  readonly subject: Pick<Subject, "after" | "date" | "look">;
  /** The status now. */
  sample(): unknown;
}

/** Begins; what is returned ends it. */
export function streamSamples(
  stream: EventStream,
  { subject, sample }: SamplesParts,
): () => void {
  let timer: Closeable | undefined;
  let over = false;
  const next = async () => {
    timer = subject.after(EACH_MS, () => void next());
    await subject.look();
    // A client that is slow is told how things stand when it reads again.
    if (over || stream.unread > 0) return;
    const time = subject.date().toISOString();
    stream.send({ event: "sample", data: { time, ...sample() as object } });
  };
  void next();
  return () => {
    over = true;
    timer?.close();
  };
}
