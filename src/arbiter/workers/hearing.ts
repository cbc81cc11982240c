/** What a worker says, as far as it is believed: in form, and in its turn. */
import {
  nameStranger,
  readWorkerMessage,
} from "../../protocol/message-checks.ts";
import type { WorkerMessage } from "../../protocol/messages.ts";

type Stage = "started" | "booting" | "ready";

/** In which stages a kind of message may come; all others once the worker boots. */
const TURNS: Partial<Record<WorkerMessage["type"], readonly Stage[]>> = {
  hello: ["started"],
  failed: ["started", "booting", "ready"],
  ready: ["booting"],
  recycle: ["ready"],
};

/** What follows them. */
const NEXT: Partial<Record<WorkerMessage["type"], Stage>> = {
  hello: "booting",
  ready: "ready",
};

/** One worker's side of the talk. */
export class Hearing {
  #stage: Stage = "started";
  #ignored = 0;
  readonly #warn: (text: string) => void;

  /** `warn` is told of the first message that is not heeded. */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  /** Messages that were not heeded. */
  get ignored(): number {
    return this.#ignored;
  }

  /** What a value says; undefined where it is no message, or one that is not the worker's turn to send. */
  take(value: unknown): WorkerMessage | undefined {
    const message = readWorkerMessage(value);
    const turns = TURNS[message?.type as WorkerMessage["type"]] ??
      ["booting", "ready"];
    if (message !== undefined && turns.includes(this.#stage)) {
      this.#stage = NEXT[message.type] ?? this.#stage;
      return message;
    }
    const fault = message === undefined ? "is not corn's" : "is out of turn";
    if (this.#ignored++ === 0) {
      this.#warn(
        `sent ${nameStranger(value)}, which ${fault} and is not heeded`,
      );
    }
    return undefined;
  }
}
