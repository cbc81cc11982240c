/** Tells what happens in the pool: to the log, and to what else wants to know. */
import { summarisedReport } from "../base/summarised-report.ts";
import type { ArbiterOptions } from "./options.ts";
import { describeSlow } from "./telling/blocked-text.ts";
import { describeNote } from "./telling/notes.ts";
import type { ChildFacts } from "./telling/child-facts.ts";
import type { Note } from "./pool/state.ts";
import type { Processes } from "./workers/processes.ts";

export type PoolLogOptions = Pick<ArbiterOptions, "runtime" | "log" | "onNote">;

export class PoolLog {
  readonly #options: PoolLogOptions;
  readonly #processes: Processes;
  /** Tells of blocked event loops. */
  readonly #slow: (text: string) => void;

  constructor(options: PoolLogOptions, processes: Processes) {
    this.#options = options;
    this.#processes = processes;
    this.#slow = summarisedReport({
      ...options.runtime,
      report: (text) => options.log.warning(text),
      more: (count, seconds) =>
        `Workers were blocked ${count} more times in the last ${seconds} s`,
    });
  }

  /** Tells of a note; gives the line of the log, where it has one at once. */
  tell(note: Note): string | undefined {
    const line = describeNote(note, (age) => this.#processes.factsOf(age));
    if (line !== undefined) this.#options.log.log(line.level, line.text);
    const text = line?.text;
    this.#options.onNote?.(note, { text, facts: this.#factsOf(note) });
    if (note.about === "slow") void this.#tellSlow(note);
    return text;
  }

  /** What was seen of it comes a little later than its beat. */
  async #tellSlow(note: Note & { about: "slow" }): Promise<void> {
    const { age } = note.child;
    const facts = this.#processes.factsOf(age);
    const sight = await this.#processes.find(age)?.pastSight();
    this.#slow(describeSlow(note, { facts, sight }).text);
  }

  /** What is known of the worker that a note is about, or that is the cause of it. */
  #factsOf(note: Note): ChildFacts | undefined {
    const child = "child" in note
      ? note.child
      : "cause" in note
      ? note.cause?.child
      : undefined;
    return child && this.#processes.factsOf(child.age);
  }
}
