import type { Closeable, Farewell } from "../../../src/runtime/runtime.ts";

/** An app with handlers of signals and of the exit, and a loop that idles when the test says so. */
export class FakeFarewell implements Farewell {
  /** What its handlers do; undefined where it has none. */
  onSignal: ((signal?: string) => Promise<boolean>) | undefined;
  onExit: (() => Promise<void>) | undefined;
  #waiting: (() => void)[] = [];

  get handlesSignals(): boolean {
    return this.onSignal !== undefined;
  }

  get handlesExit(): boolean {
    return this.onExit !== undefined;
  }

  async callSignalHandlers(signal?: string): Promise<boolean> {
    return await this.onSignal?.(signal) ?? true;
  }

  async callExitHandlers(): Promise<void> {
    await this.onExit?.();
    this.onExit = undefined;
  }

  onIdle(run: () => void): Closeable {
    this.#waiting.push(run);
    return {
      close: () => {
        this.#waiting = this.#waiting.filter((one) => one !== run);
      },
    };
  }

  /** True while something waits for the loop to idle. */
  get awaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** The app has nothing left to do. */
  idle(): void {
    for (const run of this.#waiting.splice(0)) run();
  }
}
