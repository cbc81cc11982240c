/** What corn's processes say to each other: JSON objects with a `type`. */
import type { CountsRecord } from "../telemetry/sums.ts";
import type { FailedMessage } from "./worker-messages.ts";

export type * from "./arbiter-messages.ts";
export * from "./worker-messages.ts";

/** What a new arbiter tells the one that started it: all its workers are ready. */
export interface ServingMessage {
  readonly type: "serving";
}

/** What two arbiters that serve the same addresses tell each other: all that each has counted itself, in the place of what it told before. */
export interface SumsMessage {
  readonly type: "sums";
  readonly record: CountsRecord;
}

export type SuccessorMessage = ServingMessage | SumsMessage;

/** The variable that holds a worker's slot, 1 to N, for the app to read. */
export const WORKER_ID_VARIABLE = "CORN_WORKER_ID";

/** The same for the number of a worker's thread, 1 to N. */
export const THREAD_ID_VARIABLE = "CORN_THREAD_ID";

/** Exit codes of a worker that could not boot. */
export const EXIT_BOOT_FAILED = 3;
export const EXIT_APP_FAILED = 4;

/** The one for what a worker says of its boot. */
export function exitCodeOf({ kind }: Pick<FailedMessage, "kind">): number {
  return kind === "app" ? EXIT_APP_FAILED : EXIT_BOOT_FAILED;
}

/** Narrows what came from the arbiter: an object with a `type` is taken at its word. What comes to it is not, see message-checks.ts. */
export function isMessage<M extends { type: string }>(
  message: unknown,
): message is M {
  return typeof message === "object" && message !== null &&
    typeof (message as { type?: unknown }).type === "string";
}
