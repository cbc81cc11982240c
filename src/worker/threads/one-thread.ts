/** What the first thread of a process knows of another. */
import { stackOf } from "../../base/stack.ts";
import type { ReadyMessage } from "../../protocol/messages.ts";
import type { Thread, ThreadExit } from "../../runtime/threads.ts";
import type { ThreadWatch } from "./thread-watch.ts";

export interface OneThread {
  readonly number: number;
  readonly thread: Thread;
  readonly watch: ThreadWatch;
  ready: ReadyMessage | undefined;
  gone: boolean;
  closed: boolean;
  /** True where it has been silent for too long: it is waited for no more. */
  stuck: boolean;
  busy: boolean;
  requests: number;
  open: number;
}

/** How a thread ended, in words. */
export function endText({ code, error, called }: ThreadExit): string {
  if (error !== undefined) return `an uncaught error\n${stackOf(error)}`;
  if (called === undefined) return `itself, with code ${code}`;
  // Of its frames those of the app count.
  const call = new Error("process.exit");
  call.stack = called;
  const [, ...frames] = stackOf(call).split("\n");
  return [`process.exit(${code})`, ...frames].join("\n");
}
