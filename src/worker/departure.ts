/** What makes a worker go that was not told to: a limit, an error, a signal, the end of its server. */
import {
  isAbort,
  isBrokenSocket,
  isDeparture,
  isLateForStream,
} from "../base/http/client-failure.ts";
import { AppError, messageOf } from "../base/errors.ts";
import { stackOf } from "../base/stack.ts";
import type { RecycleKind } from "../protocol/messages.ts";
import { createSummary } from "./observe/summary.ts";
import type { WorkerHost } from "./observe/worker-host.ts";

/**
 * TERM for the whole process group or cgroup, as timeout(1) and systemd send it,
 * is for the arbiter, whose order follows soon. On a busy machine it takes its time.
 */
const WORD_MS = 500;

/** The worker that is to go. */
export interface Departing {
  isReady(): boolean;
  isDraining(): boolean;
  /** True once it is on its way out. */
  isEnding(): boolean;
  /** Ends one that does not serve yet. */
  end(): void;
  /** Ends one that cannot serve, and says why. */
  fail(error: unknown): void;
}

export class Departure {
  readonly #host: WorkerHost;
  readonly #worker: Departing;
  /** Tells of what nothing caught and is no wreck: aborts, which gave up by intent, and what clients do. */
  readonly #mild: (text: string) => void;
  #asked = false;

  constructor(host: WorkerHost, worker: Departing) {
    this.#host = host;
    this.#worker = worker;
    this.#mild = createSummary({
      clock: host.runtime.clock,
      report: (text) => host.say("warning", text),
    });
  }

  /** Asks to be replaced: the arbiter answers with `drain` once the replacement is ready. */
  ask(kind: RecycleKind, reason: string): void {
    if (this.#asked) return;
    this.#asked = true;
    if (!this.#worker.isReady()) return this.#worker.end();
    this.#host.send({
      type: "recycle",
      kind,
      reason,
      failure: kind === "error",
    });
  }

  /** Asks to be let go before a replacement is ready: the arbiter answers with `drain` at once. */
  askNow(kind: RecycleKind, reason: string): void {
    if (this.#worker.isDraining()) return;
    this.#asked = true;
    this.#host.send({
      type: "recycle",
      kind,
      reason,
      failure: true,
      now: true,
    });
  }

  /** A signal came: asks unless the arbiter says meanwhile what to do. */
  askSoon(signal: string): void {
    this.#host.runtime.clock.after(WORD_MS, () => {
      const worker = this.#worker;
      if (worker.isDraining() || worker.isEnding()) return;
      this.ask("signal", signal);
    });
  }

  /** A worker whose server has ended by itself is of no use. */
  serverEnded(reason: string): void {
    const worker = this.#worker;
    if (worker.isDraining() || worker.isEnding()) return;
    this.#host.say("error", `${reason}, though nobody asked for that`);
    if (worker.isReady()) this.askNow("error", "the end of its server");
    else worker.fail(new Error(reason));
  }

  /** An uncaught error may have left the app in any state: it is reported, and a replacement asked for. */
  uncaught(error: unknown): void {
    if (!this.#worker.isReady()) {
      return this.#worker.fail(
        new AppError("Cannot load app: it threw", { cause: error }),
      );
    }
    // Otherwise any client could have workers replaced by leaving.
    if (isDeparture(error)) return;
    if (isAbort(error)) return this.#mild(`Uncaught ${messageOf(error)}`);
    if (isLateForStream(error)) {
      // The first line of a stack is the message, by another name on each runtime.
      const [, ...frames] = stackOf(error).split("\n");
      const first =
        `The app goes on with a stream that has ended, as one does whose client has left: ${
          messageOf(error)
        }`;
      return this.#mild([first, ...frames].join("\n"));
    }
    if (isBrokenSocket(error)) {
      return this.#mild(
        `The app listens to no "error" of a WebSocket that its client broke: ${
          messageOf(error)
        }`,
      );
    }
    this.#host.sayThrown(`Uncaught error\n${stackOf(error)}`);
    this.ask("error", "an uncaught error");
  }
}
