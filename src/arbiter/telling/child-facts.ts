/** What is known of a child beyond the pool's record of it: what the log needs to tell of it. */
import type { FlightRecord } from "../../exchange/flight-record.ts";
import type { Look } from "../../protocol/look.ts";

/** What is known of a child's process. */
export interface ChildFacts {
  readonly pid: number | undefined;
  /** What it has in hand; undefined where that cannot be known. */
  readonly flight: FlightRecord | undefined;
  /** What it runs on, where that never tells where it is blocked. */
  readonly blind?: string | undefined;
  /** Where it stands while it is blocked; undefined where that is not known. */
  readonly look: Look | undefined;
  /** True when the worker said itself why it failed. */
  readonly explained: boolean;
  /** What it said then. */
  readonly failure?:
    | { readonly message: string; readonly stack: string }
    | undefined;
}

/** What is told with a note. */
export interface ToldNote {
  /** What the log says of it. */
  readonly text: string | undefined;
  /** What is known of the worker it is about. */
  readonly facts: ChildFacts | undefined;
  /** The pool of tasks that it is about; undefined for the app's. */
  readonly pool?: string;
}
