/** What the first thread of a process knows of another. */
import type { ReadyMessage } from "../../protocol/messages.ts";
import type { Thread } from "../../runtime/threads.ts";
import type { ThreadWatch } from "./thread-watch.ts";

export interface OneThread {
  readonly number: number;
  readonly thread: Thread;
  readonly watch: ThreadWatch;
  /** True once it was told what to serve. */
  booted: boolean;
  ready: ReadyMessage | undefined;
  gone: boolean;
  closed: boolean;
  /** True where it has been silent for too long: it is waited for no more. */
  stuck: boolean;
  busy: boolean;
  requests: number;
  open: number;
}
