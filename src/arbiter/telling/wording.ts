/** How lines of the log name workers and times. */
import type { Level } from "../../log/event.ts";
import type { ChildFacts } from "./child-facts.ts";
import type { Child } from "../pool/state.ts";

/** A line of the log. */
export interface Line {
  readonly level: Level;
  readonly text: string;
}

/** `Worker 2 (pid 123)`. */
export function nameWorker(child: Child, { pid }: ChildFacts): string {
  return `Worker ${child.slot}${pid === undefined ? "" : ` (pid ${pid})`}`;
}

export function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : seconds(ms);
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
