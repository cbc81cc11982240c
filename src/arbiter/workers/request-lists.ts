/** Asks workers which requests wait for their answers. */
import type { RequestsMessage } from "../../protocol/messages.ts";
import { Questions } from "./questions.ts";
import type { QuestionsOptions } from "./questions.ts";

/** A worker that is not blocked answers sooner. */
const WAIT_MS = 300;

export class RequestLists extends Questions<RequestsMessage> {
  constructor(options: Omit<QuestionsOptions, "waitMs">) {
    super({ ...options, waitMs: WAIT_MS });
  }

  /** Resolves with what those said that answer soon, by their ages. */
  list(
    ages: readonly number[],
    query: boolean,
  ): Promise<ReadonlyMap<number, RequestsMessage>> {
    return new Promise((resolve) =>
      this.ask(ages, (id) => ({ type: "list", id, query }), resolve)
    );
  }
}
