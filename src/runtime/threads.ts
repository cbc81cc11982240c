/** Threads of this process, each an event loop of its own. */

import type { SignalName } from "./process.ts";

/** How a thread ended. */
export interface ThreadExit {
  /** Its exit code. */
  readonly code: number;
  /** What nothing caught there, where that ended it. */
  readonly error?: unknown;
  /** The stack of the call that ended it, where the app called `process.exit`. */
  readonly called?: string;
}

export interface ThreadOptions {
  /** URL of the module that it runs. */
  readonly url: string;
  /** Its variables, a copy of its own where the runtime has that. */
  readonly env: Readonly<Record<string, string>>;
  /** Memory that it writes its flight record to. */
  readonly record: SharedArrayBuffer;
  onMessage(message: unknown): void;
  /** Called once, after its last message. */
  onExit(exit: ThreadExit): void;
}

/** A thread that was started. */
export interface Thread {
  /** Sends a message, which may hold shared memory. */
  send(message: unknown): void;
  /**
   * What an expression gives where its event loop stands; undefined where it cannot be
   * stopped in time, or `wanted` is false by then. Left out where the runtime cannot stop a thread.
   */
  look?(expression: string, wanted: () => boolean): Promise<string | undefined>;
  /** Calls what it does at a signal, which it does not hear itself. */
  signal(name: SignalName): void;
}
