/** Which requests wait for their answers in all threads, those that are blocked among them. */
import { SEATS } from "../../exchange/flight-record.ts";
import type {
  BlockedThread,
  ListedRequest,
  RequestsMessage,
} from "../../protocol/messages.ts";
import type { Closeable } from "../../runtime/runtime.ts";
import type { WorkerHost } from "../observe/worker-host.ts";

/** The arbiter waits for 300 ms. */
const WAIT_MS = 200;

/** What is seen from outside of a thread that does not answer. */
export interface SilentThread {
  readonly requests: readonly ListedRequest[];
  /** Left out where it may answer yet. */
  readonly blocked?: BlockedThread;
}

/** One question. */
interface Question {
  readonly waiting: Set<number>;
  readonly requests: ListedRequest[];
  readonly timer: Closeable;
}

export class ThreadRequests {
  readonly #host: WorkerHost;
  readonly #look: (thread: number) => SilentThread;
  readonly #questions = new Map<number, Question>();

  /** `look` sees from outside a thread that does not answer. */
  constructor(
    host: WorkerHost,
    look: (thread: number) => SilentThread,
  ) {
    this.#host = host;
    this.#look = look;
  }

  /** Waits for the answers of threads that were asked. */
  expect(id: number, threads: readonly number[]): void {
    this.#questions.set(id, {
      waiting: new Set(threads),
      requests: [],
      timer: this.#host.runtime.clock.after(WAIT_MS, () => this.#end(id)),
    });
    if (threads.length === 0) this.#end(id);
  }

  take(thread: number, { id, requests }: RequestsMessage): void {
    const question = this.#questions.get(id);
    if (question?.waiting.delete(thread) !== true) return;
    for (const one of requests) question.requests.push({ ...one, thread });
    if (question.waiting.size === 0) this.#end(id);
  }

  #end(id: number): void {
    const question = this.#questions.get(id);
    if (question === undefined) return;
    this.#questions.delete(id);
    question.timer.close();
    const silent = [...question.waiting].map(this.#look);
    const seen = silent.flatMap(({ requests }) => requests);
    const requests = [...question.requests, ...seen]
      .sort((one, other) => other.ms - one.ms).slice(0, SEATS);
    const blocked = silent.flatMap(({ blocked }) => blocked ?? [])
      .sort((one, other) => other.ms - one.ms);
    this.#host.send({
      ...{ type: "requests", id, requests },
      ...blocked.length > 0 && { blocked },
    });
  }
}
