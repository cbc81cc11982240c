/** What a trial is, and what several of them do. */
import { strict as assert } from "node:assert";
import type { Failure, Kind } from "../../tests/support/load/load.ts";
import type { StuckReader } from "../../tests/support/process/stuck.ts";
import type { Field } from "./field.ts";

/** One way to trouble a server. */
export interface Trial {
  /** What it does, for people. */
  readonly about: string;
  readonly args?: readonly string[];
  /** True to serve on a unix socket. */
  readonly unix?: boolean;
  /** Makes what reads the server's output, with a path in the field's folder. */
  read?(folder: string): Promise<StuckReader>;
  /** Fewer or more clients than the others have. */
  readonly clients?: Readonly<Record<Kind, number>>;
  /** Events that must happen, and requests that must be made meanwhile. */
  readonly events: number;
  readonly requests?: number;
  /** Events with `--quick`. */
  readonly quick: number;
  /** Begins a run of it, of so many events or more. */
  begin(field: Field, events: number): Run | Promise<Run>;
}

/** A trial that goes on. */
export interface Run {
  /** Troubles the server once; the first is number 0. @throws where the server does not behave */
  event(number: number): Promise<void>;
  /** Looks at the server at the end, and says what is worth knowing. @throws where it is not as it was */
  end?(): Promise<string>;
  /** Ends what would go on for ever, also where something failed before. */
  close?(): void;
  /** True for a failure that is no loss. */
  excuses?(failure: Failure): boolean;
}

/** What the log says at the end of a reload. */
export const OUTCOME = /Reload (done|failed|stopped|refused).*/;

/** Reloads, and waits for the outcome. */
export async function reload(field: Field): Promise<void> {
  const [line, how] = await field.tell("SIGHUP", OUTCOME);
  assert.equal(how, "done", line);
}
