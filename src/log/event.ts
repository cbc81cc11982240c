/** An event of the log, before it is written in some form. */
import type { OutputStream } from "../runtime/runtime.ts";

/** From the least to the most urgent. */
export const LEVELS = [
  "debug",
  "info",
  "warning",
  "error",
  "critical",
] as const;

export type Level = (typeof LEVELS)[number];

/** What happened. */
export interface LogEvent {
  readonly time: Date;
  readonly level: Level;
  readonly pid: number;
  /** What is said; lines after the first tell more, such as a stack. */
  readonly text: string;
  /** Where a worker's process printed it, when it did not go through the log. */
  readonly stream?: OutputStream | undefined;
  /** True where the app threw. */
  readonly exception?: boolean | undefined;
}
