/** What a worker, or a process of threads, says where it cannot serve. */
import { AppError, CornError, messageOf } from "../base/errors.ts";
import { stackOf } from "../base/stack.ts";
import type { FailedMessage } from "../protocol/messages.ts";

/** The message about an error of a boot; what corn foresaw needs no stack. */
export function failedBoot(error: unknown): FailedMessage {
  const cause = error instanceof CornError ? error.cause : error;
  return {
    type: "failed",
    kind: error instanceof AppError ? "app" : "boot",
    message: messageOf(error),
    stack: cause === undefined ? "" : stackOf(cause),
  };
}
