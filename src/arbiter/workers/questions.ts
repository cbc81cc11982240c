/** Asks workers something that each of them answers by itself. */
import type { ArbiterMessage } from "../../protocol/messages.ts";
import type { Clock } from "../../runtime/runtime.ts";

/** One question. */
interface Question<Answer> {
  readonly waiting: Set<number>;
  readonly answers: Map<number, Answer>;
  end(): void;
}

export interface QuestionsOptions {
  readonly clock: Pick<Clock, "after">;
  /** An answer is waited for no longer. */
  readonly waitMs: number;
  send(age: number, message: ArbiterMessage): void;
}

export class Questions<Answer extends { readonly id: number }> {
  readonly #options: QuestionsOptions;
  readonly #questions = new Map<number, Question<Answer>>();
  #last = 0;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /** `onEnd` gets what those said that answered in time, by their ages; a worker that is gone is not waited for. */
  ask(
    ages: readonly number[],
    message: (id: number) => ArbiterMessage,
    onEnd: (answers: ReadonlyMap<number, Answer>) => void,
  ): void {
    const id = ++this.#last;
    const answers = new Map<number, Answer>();
    if (ages.length === 0) return onEnd(answers);
    const { clock, waitMs, send } = this.#options;
    const timer = clock.after(waitMs, () => end());
    const end = () => {
      timer.close();
      this.#questions.delete(id);
      onEnd(answers);
    };
    this.#questions.set(id, { waiting: new Set(ages), answers, end });
    for (const age of ages) send(age, message(id));
  }

  /** Takes an answer; one that comes late counts no more. */
  take(age: number, answer: Answer): void {
    const question = this.#questions.get(answer.id);
    if (question?.waiting.has(age) !== true) return;
    question.answers.set(age, answer);
    this.#strike(question, age);
  }

  /** A worker is gone. */
  exited(age: number): void {
    for (const question of this.#questions.values()) {
      if (question.waiting.has(age)) this.#strike(question, age);
    }
  }

  #strike({ waiting, end }: Question<Answer>, age: number): void {
    waiting.delete(age);
    if (waiting.size === 0) end();
  }
}
