/** What has happened lately: lines of the log and news of the pool, each with a number, for those who ask later. */
import type { LogEvent } from "../log/event.ts";
import type { Closeable } from "../runtime/runtime.ts";
import type { News } from "./subject.ts";

/** How much is kept. */
const KEPT = 1000;
/** The longest text of a line. */
const MOST_TEXT = 8192;

/** A line of the log. */
export interface LogLine {
  readonly level: LogEvent["level"];
  readonly pid: number;
  readonly text: string;
  /** The worker's slot; left out where it is the arbiter's line. */
  readonly slot?: number;
}

/** Something that happened. */
export type Entry =
  & { readonly id: number; readonly time: string }
  & (
    | { readonly event: "log"; readonly data: LogLine }
    | { readonly event: "note"; readonly data: News }
  );

/** How often a slot's workers were replaced, and why the last time. */
export interface Restarts {
  readonly total: number;
  readonly last?: { readonly time: string; readonly reason: string };
}

/** The generation that serves, and the last one that came to nothing. */
export interface Course {
  readonly since: string | undefined;
  readonly failed?: {
    readonly number: number;
    readonly message: string;
    readonly time: string;
  };
}

export class Chronicle {
  readonly #date: () => Date;
  readonly #entries: Entry[] = [];
  readonly #listeners = new Set<(entry: Entry) => void>();
  readonly #restarts = new Map<number, Restarts>();
  #course: Course = { since: undefined };
  #lastId = 0;

  constructor(date: () => Date) {
    this.#date = date;
  }

  get course(): Course {
    return this.#course;
  }

  get lastId(): number {
    return this.#lastId;
  }

  restartsOf(slot: number): Restarts {
    return this.#restarts.get(slot) ?? { total: 0 };
  }

  /** Takes a line of the log; what only a search for faults needs is not kept. */
  log(event: LogEvent, slotOf: (pid: number) => number | undefined): void {
    if (event.level === "debug") return;
    const { level, pid, text } = event;
    const slot = slotOf(pid);
    this.#add("log", {
      level,
      pid,
      text: text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text,
      ...slot !== undefined && { slot },
    });
  }

  /** Takes news of the pool. */
  note(news: News): void {
    const time = this.#date().toISOString();
    const { about, worker, generation = 0, text = "" } = news;
    const reason = reasonOf(news);
    if (worker !== undefined && reason !== undefined) {
      const { total } = this.restartsOf(worker.slot);
      this.#restarts.set(worker.slot, {
        total: total + 1,
        last: { time, reason },
      });
    }
    if (about === "rolled-out") this.#course = { since: time };
    else if (about === "ready") {
      this.#course = { ...this.#course, since: this.#course.since ?? time };
    } else if (about === "rollout-failed") {
      const failed = { number: generation, message: text, time };
      this.#course = { ...this.#course, failed };
    }
    this.#add("note", news);
  }

  #add<Event extends Entry["event"]>(
    event: Event,
    data: (Entry & { event: Event })["data"],
  ): void {
    const id = ++this.#lastId;
    const time = this.#date().toISOString();
    const entry = { id, time, event, data } as Entry;
    this.#entries.push(entry);
    if (this.#entries.length > KEPT) this.#entries.shift();
    for (const tell of this.#listeners) tell(entry);
  }

  /** What came after a number, and whether some of that is not kept any more. */
  after(id: number): { entries: readonly Entry[]; lost: boolean } {
    const first = this.#entries[0]?.id ?? this.#lastId + 1;
    // A number from before a restart of corn tells nothing.
    const from = id > this.#lastId ? 0 : id;
    return {
      entries: this.#entries.slice(Math.max(0, from + 1 - first)),
      lost: from + 1 < first && id !== 0,
    };
  }

  /** Calls `run` with all that happens from now on. */
  listen(run: (entry: Entry) => void): Closeable {
    this.#listeners.add(run);
    return { close: () => void this.#listeners.delete(run) };
  }
}

/** Why a worker is replaced, where these news say so. */
function reasonOf({ about, reason, text }: News): string | undefined {
  switch (about) {
    case "crash":
    case "boot-failed":
      return text ?? about;
    case "recycle":
      return reason;
    default:
      return undefined;
  }
}
