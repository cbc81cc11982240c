/** The latest lines of the log and events of the pool, each with a number, for later requests. */
import { shorten } from "../base/shorten.ts";
import type { LogEvent } from "../log/event.ts";
import type { Closeable } from "../runtime/runtime.ts";
import type { News } from "./subject.ts";

/** How many entries are kept, and how many characters of log lines. */
const KEPT = 1000;
const KEPT_TEXT = 128 * 1024;
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

/** An entry whose time is not text yet. */
type Kept = Omit<Entry, "time"> & { readonly date: Date };

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

/** Why the pool has the size it has. */
export interface SizeChange {
  readonly time: string;
  readonly why: string;
}

export class Chronicle {
  readonly #date: () => Date;
  /** Times become text when they are read: a flood of lines must not pay for that. */
  readonly #kept: Kept[] = [];
  readonly #listeners = new Set<(entry: Entry) => void>();
  readonly #restarts = new Map<number, Restarts>();
  #course: Course = { since: undefined };
  #sizeChange: SizeChange | undefined;
  /** The size that a roll-out brings, and that of before. */
  #sizes: {
    readonly next?: number | undefined;
    readonly now?: number | undefined;
  } = {};
  #lastId = 0;
  /** The characters of the lines that are kept. */
  #length = 0;

  constructor(date: () => Date) {
    this.#date = date;
  }

  get course(): Course {
    return this.#course;
  }

  /** The last change of the pool's size; undefined where there was none. */
  get sizeChange(): SizeChange | undefined {
    return this.#sizeChange;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** Of all slots. */
  get restarts(): number {
    let sum = 0;
    for (const { total } of this.#restarts.values()) sum += total;
    return sum;
  }

  restartsOf(slot: number): Restarts {
    return this.#restarts.get(slot) ?? { total: 0 };
  }

  /** Takes a line of the log; what only a search for faults needs is not kept. */
  log(event: LogEvent, slotOf: (pid: number) => number | undefined): void {
    if (event.level === "debug") return;
    const { level, pid, text, time } = event;
    const slot = slotOf(pid);
    this.#add(time, "log", {
      level,
      pid,
      text: shorten(text, MOST_TEXT),
      ...slot !== undefined && { slot },
    });
  }

  /** Takes news of the pool. */
  note(news: News): void {
    const date = this.#date();
    if (news.pool !== undefined) return this.#add(date, "note", news);
    const time = date.toISOString();
    const { about, worker, generation = 0, text = "" } = news;
    const reason = reasonOf(news);
    if (worker !== undefined && reason !== undefined) {
      const { total } = this.restartsOf(worker.slot);
      this.#restarts.set(worker.slot, {
        total: total + 1,
        last: { time, reason },
      });
    }
    this.#noteSize(news, time);
    if (about === "rolled-out") this.#course = { since: time };
    else if (about === "ready") {
      this.#course = { ...this.#course, since: this.#course.since ?? time };
    } else if (about === "rollout-failed") {
      const failed = { number: generation, message: text, time };
      this.#course = { ...this.#course, failed };
    }
    this.#add(date, "note", news);
  }

  #noteSize({ about, wanted, why }: News, time: string): void {
    const { next, now } = this.#sizes;
    if (about === "rollout") this.#sizes = { now, next: wanted };
    if (about === "resized") {
      this.#sizes = { ...this.#sizes, now: wanted };
      this.#sizeChange = { time, why: why ?? "an order" };
    }
    if (about !== "rolled-out" || next === undefined) return;
    this.#sizes = { now: next };
    if (now !== undefined && now !== next) {
      this.#sizeChange = { time, why: "a reload" };
    }
  }

  #add<Event extends Entry["event"]>(
    date: Date,
    event: Event,
    data: (Entry & { event: Event })["data"],
  ): void {
    const one = { id: ++this.#lastId, date, event, data } as Kept;
    this.#kept.push(one);
    this.#length += lengthOf(one);
    while (this.#kept.length > KEPT || this.#length > KEPT_TEXT) {
      this.#length -= lengthOf(this.#kept.shift() as Kept);
    }
    if (this.#listeners.size === 0) return;
    const entry = entryOf(one);
    for (const tell of this.#listeners) tell(entry);
  }

  /** What came after a number, and whether some of that is not kept any more. */
  after(id: number): { entries: readonly Entry[]; lost: boolean } {
    const first = this.#kept[0]?.id ?? this.#lastId + 1;
    // A number from before a restart of corn tells nothing.
    const from = id > this.#lastId ? 0 : id;
    return {
      entries: this.#kept.slice(Math.max(0, from + 1 - first)).map(entryOf),
      lost: from + 1 < first && id !== 0,
    };
  }

  /** Calls `run` with all that happens from now on. */
  listen(run: (entry: Entry) => void): Closeable {
    this.#listeners.add(run);
    return { close: () => void this.#listeners.delete(run) };
  }
}

function entryOf({ date, ...rest }: Kept): Entry {
  return { time: date.toISOString(), ...rest } as Entry;
}

function lengthOf({ event, data }: Kept): number {
  return event === "log" ? (data as LogLine).text.length : 0;
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
