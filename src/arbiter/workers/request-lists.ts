/** Asks workers which requests wait for their answers. */
import type {
  ArbiterMessage,
  RequestsMessage,
} from "../../protocol/messages.ts";
import type { Clock } from "../../runtime/runtime.ts";

/** A worker that is not blocked answers sooner. */
const WAIT_MS = 300;

/** One question. */
interface Question {
  readonly id: number;
  readonly waiting: Set<number>;
  readonly answers: Map<number, RequestsMessage>;
  end(): void;
}

export interface RequestListsOptions {
  readonly clock: Pick<Clock, "after">;
  send(age: number, message: ArbiterMessage): void;
}

export class RequestLists {
  readonly #options: RequestListsOptions;
  readonly #questions = new Map<number, Question>();
  #last = 0;

  constructor(options: RequestListsOptions) {
    this.#options = options;
  }

  /** Resolves with what those said that answer soon, by their ages. */
  ask(
    ages: readonly number[],
    query: boolean,
  ): Promise<ReadonlyMap<number, RequestsMessage>> {
    const id = ++this.#last;
    const answers = new Map<number, RequestsMessage>();
    if (ages.length === 0) return Promise.resolve(answers);
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(WAIT_MS, () => end());
      const end = () => {
        timer.close();
        this.#questions.delete(id);
        resolve(answers);
      };
      this.#questions.set(id, { id, waiting: new Set(ages), answers, end });
      for (const age of ages) {
        this.#options.send(age, { type: "list", id, query });
      }
    });
  }

  /** Takes an answer; one that comes late counts no more. */
  take(age: number, message: RequestsMessage): void {
    const question = this.#questions.get(message.id);
    if (question?.waiting.has(age) !== true) return;
    question.answers.set(age, message);
    this.#strike(question, age);
  }

  /** A worker is gone. */
  exited(age: number): void {
    for (const question of this.#questions.values()) {
      if (question.waiting.has(age)) this.#strike(question, age);
    }
  }

  #strike({ waiting, end }: Question, age: number): void {
    waiting.delete(age);
    if (waiting.size === 0) end();
  }
}
