/** Signals that come while corn starts: none may end it as the system would, and none is forgotten. */
import type { Logger } from "../../log/error/logger.ts";
import type { Closeable, Runtime, SignalName } from "../../runtime/runtime.ts";

/** Those that an arbiter obeys once there is one. */
const ORDERS: readonly SignalName[] = [
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGTTIN",
  "SIGTTOU",
  "SIGWINCH",
];

const ENDINGS: readonly SignalName[] = ["SIGTERM", "SIGINT", "SIGQUIT"];

export class EarlySignals implements Closeable {
  readonly #runtime: Pick<Runtime, "signals">;
  readonly #held: Closeable[] = [];
  readonly #got = new Set<SignalName>();
  readonly #hurried = Promise.withResolvers<void>();
  #stopped = false;
  #resting = false;

  /** Holds orders back from now on. */
  constructor(runtime: Pick<Runtime, "signals">) {
    this.#runtime = runtime;
    for (const signal of ORDERS) {
      this.#hold(signal, () => this.#got.add(signal));
    }
  }

  /** Takes endings too: until now there was nothing to tidy up. */
  holdEndings(log: Pick<Logger, "info">): void {
    for (const signal of ENDINGS) {
      this.#hold(signal, () => {
        log.info(`Got ${signal} at the start: corn ends before it serves`);
        this.#stop(signal);
      });
    }
  }

  /** True once corn is to end before it has begun. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Resolves when nothing is to be waited for any more: at INT, QUIT, or a second TERM. */
  get hurried(): Promise<void> {
    return this.#hurried.promise;
  }

  /** The orders that came, each once as with a signal that waits, in their order. */
  take(): SignalName[] {
    const got = [...this.#got];
    this.#got.clear();
    return got;
  }

  /** Heeds none from here on, but lets none end the process either. */
  rest(): void {
    this.#resting = true;
  }

  close(): void {
    for (const one of this.#held.splice(0)) one.close();
  }

  #hold(signal: SignalName, run: () => void): void {
    this.#held.push(
      this.#runtime.signals.on(signal, () => this.#resting || run()),
    );
  }

  #stop(signal: SignalName): void {
    if (this.#stopped || signal !== "SIGTERM") this.#hurried.resolve();
    this.#stopped = true;
  }
}
