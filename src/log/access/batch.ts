/** Where a worker's access lines go: a file that workers share, or standard output. */
import type { Clock, Closeable } from "../../runtime/runtime.ts";
import { createGap } from "../gap.ts";

/** Lines that are written together. */
export interface Batch {
  /** Takes a line, without its end. */
  line(text: string): void;
  /** Writes what is held back. */
  flush(): void;
  /** The same at the end, and says what is lost. */
  close(): void;
}

export interface BatchOptions {
  readonly clock: Pick<Clock, "after">;
  /** Writes whole lines; false where not all of them go out. */
  write(text: string): boolean;
  /** Gives up what waits for a reader, and gives how many lines that is. */
  abandon(): number;
  /** The most characters of one write, where more would not stay together; a longer line goes alone. */
  readonly piece?: number;
  /** Says what a person should know. */
  report(level: "error" | "warning", text: string): void;
}

/** Lines are held back so long, and so many characters of them. */
const HOLD_MS = 250;
const HOLD_SIZE = 64 * 1024;

/** Writes lines in batches, in order, and counts those that are lost. */
export function createBatch(options: BatchOptions): Batch {
  const { clock, piece = Infinity } = options;
  let held = "";
  let lines = 0;
  const gap = createGap(options.report);
  let timer: Closeable | undefined;

  /** Writes pieces of whole lines; false at the first that fails. */
  function write(text: string): boolean {
    if (text.length <= piece) return options.write(text);
    let from = 0;
    while (from < text.length) {
      let to = text.length;
      if (to - from > piece) {
        to = text.lastIndexOf("\n", from + piece - 1) + 1;
        if (to <= from) to = text.indexOf("\n", from) + 1;
      }
      if (!options.write(text.slice(from, to))) return false;
      from = to;
    }
    return true;
  }

  function flush(): void {
    timer?.close();
    timer = undefined;
    if (lines === 0) return;
    const text = held;
    const count = lines;
    held = "";
    lines = 0;
    gap.note(write(text), count);
  }

  return {
    line(text) {
      held += `${text}\n`;
      lines++;
      if (held.length >= HOLD_SIZE) return flush();
      timer ??= clock.after(HOLD_MS, flush);
    },
    flush,
    close() {
      flush();
      gap.close(options.abandon());
    },
  };
}
