/** What the end of a thread, or its silence, means for its process, and how the process ends with its threads. */
import { AppError } from "../../base/errors.ts";
import { isTidy } from "../../base/exit-text.ts";
import { appFrames, stackOf } from "../../base/stack.ts";
import { exitCodeOf } from "../../protocol/messages.ts";
import type {
  ArbiterMessage,
  BootMessage,
  DrainMessage,
  FailedMessage,
} from "../../protocol/messages.ts";
import type { ThreadExit } from "../../runtime/threads.ts";
import { Departure } from "../departure.ts";
import { failedBoot } from "../failed-boot.ts";
import type { WorkerHost } from "../observe/worker-host.ts";
import type { OneThread } from "./one-thread.ts";
import type { ThreadList } from "./thread-list.ts";

/** Threads that were told to go may take so long beyond their own limits. */
const CUT_MS = 900;
const QUIT_MS = 1800;
/** What the hooks for ABRT may take; KILL follows a second later. */
const ABORT_MS = 800;

export interface EndsOptions {
  readonly host: WorkerHost;
  readonly boot: Pick<BootMessage, "plan" | "check">;
  readonly threads: ThreadList;
  /** True once the worker serves. */
  isReady(): boolean;
  /** What to wait for while a thread records itself, or is to at its end. */
  recording(): Promise<void> | undefined;
  /** The process is about to exit. */
  onExit(): void;
}

export class ThreadEnds {
  readonly #options: EndsOptions;
  /** Asks the arbiter for a worker in place of this one. */
  readonly departure: Departure;
  #leaves = false;
  #told = false;
  #ended = false;
  /** What the process exits with: what a thread that failed did. */
  #code = 0;

  constructor(options: EndsOptions) {
    this.#options = options;
    this.departure = new Departure(options.host, {
      isReady: options.isReady,
      isDraining: () => this.#leaves,
      isEnding: () => this.#ended,
      end: () => this.quit(),
      fail: (error) => this.fail(error),
    });
  }

  /** True once it is on its way out. */
  get begun(): boolean {
    return this.#leaves;
  }

  quit(): void {
    this.#leave({ type: "quit" });
    this.#exitAfter(QUIT_MS, 0);
  }

  /** As `quit`, but that threads drain which accept already: that one is ready may be on its way. */
  quitUnlessOpen(graceMs: number): void {
    this.#cutAfter(graceMs);
    this.#leave({ type: "quit", unlessOpen: true });
  }

  drain(
    graceMs: number,
    { last, cut }: Pick<DrainMessage, "last" | "cut"> = {},
  ): void {
    this.#cutAfter(graceMs);
    this.#leave({
      type: "drain",
      withinMs: graceMs,
      ...(last && { last }),
      ...(cut && { cut }),
    });
  }

  /** Lets each thread do what it does at ABRT. */
  abort(): void {
    this.#leaves = true;
    for (const { thread } of this.#options.threads.living) {
      thread.signal("SIGABRT");
    }
    this.#exitAfter(ABORT_MS, 1);
  }

  /** A thread has been silent for longer than it may: it is waited for no more. */
  stuck({ number }: OneThread): void {
    this.departure.ask("error", `the silence of thread ${number}`);
    this.tellClosed();
    this.#endWithLast();
  }

  /** A thread has ended. */
  bury(one: OneThread, exit: ThreadExit): void {
    const { boot, host, threads, isReady } = this.#options;
    one.gone = true;
    one.open = 0;
    if (this.#ended) return;
    const text = `thread ${one.number} ${endText(exit, one)}`;
    if (this.#leaves || boot.check) {
      if (!isTidy(exit.code)) {
        if (failed(exit)) host.sayThrown(`T${text.slice(1)}`);
        this.#code ||= exit.code;
      }
      this.tellClosed();
      return this.#endWithLast();
    }
    if (!isReady()) {
      return this.fail(
        new AppError(`Cannot load app "${boot.plan.app.text}": ${text}`),
      );
    }
    host.sayThrown(`T${text.slice(1)}`);
    const reason = `the end of thread ${one.number}`;
    if (threads.living.length === 0) this.departure.askNow("error", reason);
    else this.departure.ask("error", reason);
  }

  /** Says that it accepts no more, when none of its threads does. */
  tellClosed(): void {
    if (!this.#leaves || this.#told) return;
    const { host, threads } = this.#options;
    if (threads.living.some(({ closed, stuck }) => !closed && !stuck)) return;
    this.#told = true;
    host.send({ type: "closed" });
  }

  /** It cannot serve. */
  fail(error: unknown): void {
    this.end(failedBoot(error));
  }

  /** Ends with why it cannot serve. */
  end(message: FailedMessage): void {
    if (this.#ended) return;
    this.#options.host.send(message);
    this.#exit(exitCodeOf(message));
  }

  /** Tells all threads to go; the process ends with the last of them. */
  #leave(message: ArbiterMessage): void {
    this.#leaves = true;
    this.#options.threads.send(message);
    this.#endWithLast();
  }

  #endWithLast(): void {
    const { boot, threads } = this.#options;
    if (!this.#leaves && !boot.check) return;
    if (threads.living.every(({ stuck }) => stuck)) this.#exit(this.#code);
  }

  /** Exits when the graceful timeout is over, and what was to be recorded at the end is. */
  #cutAfter(graceMs: number): void {
    const { host: { runtime: { clock } }, recording } = this.#options;
    const cut = () => this.#cut(graceMs);
    clock.after(graceMs + CUT_MS, () => {
      const recorded = recording();
      if (recorded === undefined) return cut();
      // The thread ends by itself behind it.
      void recorded.then(() => clock.after(CUT_MS, cut));
    });
  }

  #cut(graceMs: number): void {
    const { host: { say }, threads } = this.#options;
    for (const { number, watch } of threads.living) {
      say(
        "warning",
        `Cut thread ${number}, blocked${watch.text}: the graceful timeout of ${
          graceMs / 1000
        } s is over`,
      );
    }
    this.#exit(this.#code);
  }

  /** Exits after so long, with the code of a thread that failed before or else this one. */
  #exitAfter(ms: number, code: number): void {
    this.#options.host.runtime.clock.after(
      ms,
      () => this.#exit(this.#code || code),
    );
  }

  #exit(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onExit();
    this.#options.host.runtime.self.exit(code);
  }
}

/** True where the app has ended it, and not what corn does at its end. */
function failed({ error, called }: ThreadExit): boolean {
  return error !== undefined || called !== undefined;
}

/** How a thread ended, in words. */
function endText({ code, error, called }: ThreadExit, one: OneThread): string {
  if (isLackOfMemory(error)) {
    return `ran out of heap memory${one.watch.inHand}: find what it keeps by corn heap, or give it more by --worker-args=--max-old-space-size=MIB`;
  }
  if (error !== undefined) {
    return `ended by an uncaught error\n${stackOf(error)}`;
  }
  if (called === undefined) return `ended by itself, with code ${code}`;
  return [`ended by process.exit(${code})`, ...appFrames(called)].join("\n");
}

/** Node ends the thread that reached V8's limit alone; its error has no frame of the app. */
function isLackOfMemory(error: unknown): boolean {
  return error instanceof Error &&
    (error as { readonly code?: unknown }).code === "ERR_WORKER_OUT_OF_MEMORY";
}
