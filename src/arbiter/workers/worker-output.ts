/** What a worker prints, on its way to the log. */
import type { ErrorLog } from "../../log/error/error-log.ts";
import { createLines } from "../../log/error/lines.ts";
import type { OutputStream } from "../../runtime/runtime.ts";

/** One worker's two streams. */
export interface Printed {
  take(stream: OutputStream, text: string, pid: number): void;
  /** Takes the last line of each, which after a crash may have no end. */
  flush(pid: number): void;
}

/** Writes what a worker prints to the log, line by line. */
export function logPrinted(log: Pick<ErrorLog, "output">): Printed {
  const lines = { stdout: createLines(), stderr: createLines() };
  return {
    take(stream, text, pid) {
      for (const line of lines[stream].push(text)) {
        log.output(stream, line, pid);
      }
    },
    flush(pid) {
      for (const stream of ["stdout", "stderr"] as const) {
        for (const line of lines[stream].flush()) {
          log.output(stream, line, pid);
        }
      }
    },
  };
}
