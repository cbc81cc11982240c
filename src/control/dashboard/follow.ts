/** Follows a running corn: what it is each second, what happens, and to the arbiter that takes its place. */
import { ask, listen, Unanswered } from "../client/ask.ts";
import { findSuccessor } from "../client/successor.ts";
import type { Closeable, Runtime } from "../../runtime/runtime.ts";
import type { OpenRequests, Status } from "../snapshot.ts";
import type { Feed } from "./feed.ts";

const EACH_MS = 1000;
/** How long one answer may take: as much as an arbiter that is short of processor. */
const ANSWER_MS = 10_000;

/** More are not shown. */
const MOST_REQUESTS = 200;

const NONE: OpenRequests = { requests: [], more: 0 };

export type FollowRuntime = Pick<
  Runtime,
  "answers" | "clock" | "dial" | "files" | "self" | "signals"
>;

export class Follower implements Closeable {
  readonly #runtime: FollowRuntime;
  readonly #feed: Feed;
  #path: string;
  #status: Status | undefined;
  #timer: Closeable | undefined;
  #closed = false;
  /** What is heard of the corn that is followed. */
  #hearing: AbortController | undefined;
  /** The last event that was heard, by the arbiter it is of. */
  readonly #heard = new Map<number, number>();

  constructor(runtime: FollowRuntime, feed: Feed, path: string) {
    this.#runtime = runtime;
    this.#feed = feed;
    this.#path = path;
  }

  /** Looks once, and then each second until it is closed. @throws Unanswered where nothing answers at first */
  async begin(): Promise<Status> {
    const status = await this.#look();
    this.#next();
    return status;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.close();
    this.#hearing?.abort();
  }

  #next(): void {
    if (this.#closed) return;
    this.#timer = this.#runtime.clock.after(EACH_MS, () => {
      void this.#turn().finally(() => this.#next());
    });
  }

  async #turn(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      if (this.#closed) return;
      this.#feed.link("down");
      await this.#find();
    }
  }

  async #ask(path: string, target: string) {
    const answer = await ask(this.#runtime, path, { target, ms: ANSWER_MS });
    if (answer.status === 200) return answer.value;
    throw new Unanswered(answer.value.error.message);
  }

  async #look(): Promise<Status> {
    const { clock } = this.#runtime;
    const [status, open]: [Status, OpenRequests] = await Promise.all([
      this.#ask(
        this.#path,
        `/v1/status${this.#feed.watched ? "?measure=1" : ""}`,
      ),
      this.#feed.watched && this.#status?.totals.open
        ? this.#ask(this.#path, "/v1/requests").catch(() => NONE)
        : NONE,
    ]);
    const another = status.pid !== this.#status?.pid;
    this.#status = status;
    this.#feed.link("up");
    const requests = open.requests.slice(0, MOST_REQUESTS);
    const more = open.more + open.requests.length - requests.length;
    this.#feed.look({
      status,
      open: { requests, more },
      at: clock.date().getTime(),
    });
    if (another || this.#hearing === undefined) this.#hear(status.pid);
    return status;
  }

  /** Listens to what happens from the last event on that was heard of this arbiter. */
  #hear(pid: number): void {
    this.#hearing?.abort();
    if (this.#closed) return;
    const hearing = new AbortController();
    this.#hearing = hearing;
    const after = this.#heard.get(pid) ?? 0;
    const end = () => {
      if (this.#hearing === hearing) this.#hearing = undefined;
    };
    listen(this.#runtime, this.#path, {
      target: `/v1/events?after=${after}`,
      signal: hearing.signal,
      onEvent: ({ id, event, data: { time, ...data } }) => {
        if (id !== undefined) this.#heard.set(pid, id);
        if (event === "log" || event === "note") {
          this.#feed.tell({ time, event, data });
        }
      },
    }).then(end, end); // The next look begins again.
  }

  /** Looks for the arbiter that has taken over. */
  async #find(): Promise<void> {
    if (this.#status === undefined) return;
    this.#path = await findSuccessor(this.#runtime, this.#status) ?? this.#path;
  }
}
