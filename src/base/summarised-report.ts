/** Says at once that something happened, then how often it did again, so that a flood makes a few lines. */
import type { Clock } from "../runtime/runtime.ts";

const REPORT_MS = 10_000;

export interface SummaryOptions {
  readonly clock: Pick<Clock, "after">;
  report(text: string): void;
  /** The line for those that came after the first. */
  more(count: number, seconds: number): string;
}

/** Gives what takes the line of each, or makes it where it is written. */
export function summarisedReport(
  { clock, report, more }: SummaryOptions,
): (text: string | (() => string)) => void {
  let count = 0;
  let quiet = true;

  function summary(): void {
    quiet = count === 0;
    if (quiet) return;
    report(more(count, REPORT_MS / 1000));
    count = 0;
    clock.after(REPORT_MS, summary);
  }

  return (text) => {
    if (!quiet) return void count++;
    quiet = false;
    report(typeof text === "string" ? text : text());
    clock.after(REPORT_MS, summary);
  };
}
