/** What a worker does between the decision to exit and its exit. */
import type { App } from "../gateway/app/app.ts";
import { stackOf } from "../base/stack.ts";
import type { HookWorker, WorkerHooks } from "../hooks/types.ts";
import type { Clock } from "../runtime/runtime.ts";
import type { OwnHooks } from "./own-hooks.ts";

export interface EndOptions {
  readonly code: number;
  /** True to call the app's `onStop`. */
  readonly stop: boolean;
  /** The hook to call first. */
  readonly first?: keyof WorkerHooks & ("workerInt" | "workerAbort");
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
  readonly #flushes: (() => Promise<void>)[] = [];
  #begun = false;

  constructor(host: EndingHost) {
    this.#host = host;
  }

  /** True once the worker is on its way out. */
  get begun(): boolean {
    return this.#begun;
  }

  /** The hooks to call from now on. */
  useHooks(hooks: OwnHooks): void {
    this.#hooks = hooks;
  }

  /** The app that has started. */
  useApp(app: Pick<App, "onStop">): void {
    this.#app = app;
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
      !(stop && this.#app?.onStop !== undefined);
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

  async #run({ code, stop, first }: EndOptions): Promise<void> {
    if (first !== undefined) await this.#hooks?.call(first);
    if (stop) await this.#stopApp();
    await this.#hooks?.call("workerExit");
    await Promise.all(this.#flushes.map((flush) => flush()));
    this.#host.exit(code);
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
