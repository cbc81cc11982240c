/** The threads of a process. */
import type { ArbiterMessage } from "../../protocol/messages.ts";
import type { OneThread } from "./one-thread.ts";

export class ThreadList {
  readonly #all: OneThread[] = [];

  add(one: OneThread): void {
    this.#all.push(one);
  }

  /** Those that have ended among them. */
  get all(): readonly OneThread[] {
    return this.#all;
  }

  /** Those that have not ended. */
  get living(): readonly OneThread[] {
    return this.#all.filter(({ gone }) => !gone);
  }

  /** The living one of a number. */
  find(number: number): OneThread | undefined {
    return this.living.find((one) => one.number === number);
  }

  /** Tells one; false where it has ended. */
  sendTo(number: number, message: ArbiterMessage): boolean {
    const one = this.find(number);
    one?.thread.send(message);
    return one !== undefined;
  }

  /** Tells all that live. */
  send(message: ArbiterMessage): void {
    for (const { thread } of this.living) thread.send(message);
  }
}
