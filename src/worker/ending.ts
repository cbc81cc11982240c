/** What a worker does between the decision to exit and its exit. */
import type { App } from "../gateway/app/app.ts";
import { stackOf } from "../base/stack.ts";
import type { HookWorker, WorkerHooks } from "../hooks/types.ts";
import type { Clock, Farewell } from "../runtime/runtime.ts";
import type { OwnHooks } from "./own-hooks.ts";

/** The last stage of an end but for beforeExit. */
const SIGNALS = "the app's signal handler";

/** How long what was begun by beforeExit may take. */
const FLUSH_MS = 2000;

export interface EndOptions {
  readonly code: number;
  /** True to call the app's `onStop`. */
  readonly stop: boolean;
  /** The hook to call first. */
  readonly first?: keyof WorkerHooks & ("workerInt" | "workerAbort");
  /** The signal that the app's own handlers are called of: SIGTERM unless told. */
  readonly signal?: "SIGINT";
  /** How long all of it may take; no limit beside the hooks' own where it is left out. */
  readonly withinMs?: number;
}

/** What an ending needs of its worker. */
export interface EndingHost {
  readonly clock: Pick<Clock, "after">;
  /** Ends the process. */
  exit(code: number): void;
}

export class Ending {
  readonly #host: EndingHost;
  #hooks: OwnHooks | undefined;
  #app: Pick<App, "onStop"> | undefined;
  #farewell: Farewell | undefined;
  #stage = "onStop and workerExit are done";
  readonly #flushes: (() => Promise<void>)[] = [];
  #begun = false;

  constructor(host: EndingHost) {
    this.#host = host;
  }

  /** True once the worker is on its way out. */
  get begun(): boolean {
    return this.#begun;
  }

  /** What it waits for, in words. */
  get stage(): string {
    return this.#stage;
  }

  /** True once nothing is left but what the app does by itself. */
  get isLast(): boolean {
    return this.#stage.startsWith(SIGNALS);
  }

  /** The hooks to call from now on. */
  useHooks(hooks: OwnHooks): void {
    this.#hooks = hooks;
  }

  /** The app that has started, and what it wants done at the end. */
  useApp(app: Pick<App, "onStop">, farewell: Farewell): void {
    this.#app = app;
    this.#farewell = farewell;
  }

  /** What is to be sent last, and says itself how long that may take. */
  useFlush(flush: () => Promise<void>): void {
    this.#flushes.push(flush);
  }

  /** Exits, after what there is to call; a second call can only shorten that. */
  end(options: EndOptions): void {
    const { code, withinMs } = options;
    const host = this.#host;
    const { first, stop } = options;
    const hooks = this.#hooks?.hooks ?? {};
    const idle = this.#flushes.length === 0 &&
      (first === undefined || hooks[first] === undefined) &&
      hooks.workerExit === undefined &&
      !(stop && this.#app?.onStop !== undefined) &&
      !(stop && this.#takesLeave());
    if (!this.#begun && idle) {
      this.#begun = true;
      return host.exit(code);
    }
    if (withinMs !== undefined) {
      host.clock.after(withinMs, () => host.exit(code));
    }
    if (this.#begun) return;
    this.#begun = true;
    void this.#run(options);
  }

  async #run({ code, stop, first, signal }: EndOptions): Promise<void> {
    if (first !== undefined) await this.#hooks?.call(first);
    if (stop) await this.#stopApp();
    await this.#hooks?.call("workerExit");
    await Promise.all(this.#flushes.map((flush) => flush()));
    // The last, for they may end the process.
    if (stop && this.#takesLeave()) await this.#takeLeave(signal);
    this.#host.exit(code);
  }

  #takesLeave(): boolean {
    const { handlesSignals = false, handlesExit = false } = this.#farewell ??
      {};
    return handlesSignals || handlesExit;
  }

  /** Does as the end of a process of the app's own would. */
  async #takeLeave(signal: EndOptions["signal"]): Promise<void> {
    const farewell = this.#farewell as Farewell;
    const { log } = this.#hooks?.worker as HookWorker;
    const attempt = async (
      name: string,
      run: () => Promise<boolean | void>,
    ) => {
      this.#stage = `${name} is done`;
      try {
        return await run();
      } catch (error) {
        log.error(`Failed: ${name}\n${stackOf(error)}`);
        return true;
      }
    };
    if (farewell.handlesSignals) {
      const done = await attempt(
        SIGNALS,
        () => farewell.callSignalHandlers(signal),
      );
      // One that gives nothing to wait for ends the process, or lets it end.
      if (!done) await this.#idle();
    }
    if (!farewell.handlesExit) return;
    await attempt(
      "the app's beforeExit handler",
      () => farewell.callExitHandlers(),
    );
    await this.#idle(FLUSH_MS);
  }

  #idle(limitMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const idle = this.#farewell?.onIdle(resolve);
      if (limitMs === undefined) return;
      this.#host.clock.after(limitMs, () => {
        idle?.close();
        resolve();
      });
    });
  }

  /** Its limit is the graceful timeout, which the drain keeps. */
  async #stopApp(): Promise<void> {
    const worker = this.#hooks?.worker as HookWorker;
    try {
      await this.#app?.onStop?.(worker);
    } catch (error) {
      worker.log.error(`onStop() of the app failed\n${stackOf(error)}`);
    }
  }
}
