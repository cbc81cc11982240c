/** What pages are shown: what came lately, and then what comes. */
import type { Closeable } from "../../runtime/runtime.ts";
import type { Entry } from "../chronicle.ts";
import type { EventStream, SentEvent } from "../door/route.ts";
import { pointOf } from "./points.ts";
import type { Look, Point } from "./points.ts";

/** Seconds that the charts reach back. */
const POINTS = 300;
/** Lines of the log. */
const LINES = 500;
/** Events that a page may have missed while its connection was gone. */
const RECENT = 100;

/** Whether a corn answers. */
export type Link = "up" | "down";

/** A line of the log, or what happened to a worker. */
export type Told = Pick<Entry, "time" | "event" | "data">;

/** All that a page needs at its start. */
export interface Start {
  /** The number of the last event that is in it. */
  readonly last: number;
  readonly link: Link;
  readonly look?: Look;
  readonly points: readonly Point[];
  readonly lines: readonly Told[];
}

type Numbered = SentEvent & { readonly id: number };

export class Feed {
  #last = 0;
  #link: Link = "up";
  #look: Look | undefined;
  readonly #points: Point[] = [];
  readonly #lines: Told[] = [];
  readonly #recent: Numbered[] = [];
  readonly #listeners = new Set<(event: Numbered) => void>();

  /** True while a page listens. */
  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  look(look: Look): void {
    const point = pointOf(look);
    this.#look = look;
    push(this.#points, point, POINTS);
    this.#send("look", { look, point });
  }

  tell(told: Told): void {
    push(this.#lines, told, LINES);
    this.#send("told", told);
  }

  link(link: Link): void {
    if (link === this.#link) return;
    this.#link = link;
    this.#send("link", { link });
  }

  start(): Start {
    return {
      last: this.#last,
      link: this.#link,
      ...this.#look && { look: this.#look },
      points: this.#points,
      lines: this.#lines,
    };
  }

  /** Sends what came after a number, and then what comes; a page that missed too much is told to begin again. */
  stream(stream: EventStream, after: number): Closeable {
    const first = this.#recent[0]?.id ?? this.#last + 1;
    if (after + 1 < first || after > this.#last) {
      stream.send({ event: "again", data: {} });
    } else {
      for (const event of this.#recent) {
        if (event.id > after) stream.send(event);
      }
    }
    const send = (event: Numbered) => stream.send(event);
    this.#listeners.add(send);
    return { close: () => void this.#listeners.delete(send) };
  }

  #send(event: string, data: unknown): void {
    const numbered = { id: ++this.#last, event, data };
    push(this.#recent, numbered, RECENT);
    for (const tell of this.#listeners) tell(numbered);
  }
}

function push<T>(list: T[], one: T, most: number): void {
  list.push(one);
  if (list.length > most) list.shift();
}
