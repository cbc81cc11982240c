/** The hooks of a config file, and what they are called with. */

import type { RuntimeName } from "../runtime/runtime.ts";

/** corn's log, for hooks and for apps. */
export interface HookLog {
  /** Writes what helps to find a fault. */
  debug(text: string): void;
  /** Writes what is as it should be. */
  info(text: string): void;
  /** Writes what an operator should look at. */
  warning(text: string): void;
  /** Writes what failed. */
  error(text: string): void;
  /** Writes what ends service. */
  critical(text: string): void;
}

/** What `workers()` tells of a worker. */
export interface WorkerStatus {
  /** Its number, 1 to N. */
  readonly slot: number;
  /** Undefined where its process could not be started. */
  readonly pid: number | undefined;
  /** The load of config and code that it is of, from 1. */
  readonly generation: number;
  /** What it does. */
  readonly phase: "booting" | "ready" | "draining" | "ending";
  /** Requests answered, by the last beat. */
  readonly requests: number;
  /** Requests open, by the last beat. */
  readonly open: number;
}

/** How to stop. */
export interface StopOptions {
  /** True to end at once, as QUIT does, without waiting for open requests. */
  readonly quick?: boolean;
  /** How long open requests get, in place of `gracefulTimeout`; nothing with `quick`. */
  readonly timeoutMs?: number;
}

/** How to reload. */
export interface ReloadOptions {
  /** Seconds for which the first worker is judged before others follow, in place of the setting `canary`; 0 for not at all. */
  readonly canary?: number;
}

/** A running corn: what `serve()` gives, and what the arbiter's hooks are called with. */
export interface CornServer extends AsyncDisposable {
  /** The arbiter's process. */
  readonly pid: number;
  /** The arbiter's runtime. */
  readonly runtime: RuntimeName;
  /** The log. */
  readonly log: HookLog;
  /** URLs and unix sockets that are open; none yet in `onStarting`. */
  readonly addresses: readonly string[];
  /** Resolves when the first worker is ready, which `serve()` has waited for; rejects where none ever will be. */
  readonly ready: Promise<void>;
  /** Resolves when all workers are ready for the first time; rejects where corn ends before. */
  readonly whole: Promise<void>;
  /** Resolves with the exit code when corn has ended. A hook that waits for it holds it up. */
  readonly done: Promise<number>;
  /** What each worker does now. */
  workers(): WorkerStatus[];
  /** Loads config and code anew, as HUP does. @throws CornError when the old generation goes on instead */
  reload(how?: ReloadOptions): Promise<void>;
  /** Adds a worker, or takes one away, as TTIN and TTOU do; never below one. */
  resize(by: 1 | -1): void;
  /** Goes to so many workers, until a reload says otherwise; "auto" lets the load decide again. @throws RangeError below one, or where no range is set */
  scale(workers: number | "auto"): void;
  /**
   * Stops corn, as TERM does; "quick" as QUIT does. A second call ends what is
   * left at once. Resolves when every worker is gone.
   */
  stop(how?: StopOptions | "graceful" | "quick"): Promise<void>;
  /** Stops corn, unless that has begun, and waits for its end: for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A worker, as the arbiter's hooks see it. */
export interface HookChild {
  /** Its stable number, 1 to N. */
  readonly slot: number;
  /** The number it got when spawned, rising by one. */
  readonly age: number;
  /** The load of config and code that it is of, from 1. */
  readonly generation: number;
  /** Undefined before it is started. */
  readonly pid: number | undefined;
}

/** How a worker's process ended. */
export interface HookExit {
  /** Its exit code, where it exited. */
  readonly code?: number;
  /** The signal that killed it. */
  readonly signal?: string;
}

/** What `preFork` may add to its worker. */
export interface WorkerAdditions {
  /** Variables of its environment; they go before those of `env`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of its runtime, such as `--max-old-space-size=512`. */
  readonly args?: readonly string[];
}

/** A worker, as its own hooks see it, and the app's `onStart` and `onStop`. */
export interface HookWorker {
  /** Its stable number, 1 to N. */
  readonly slot: number;
  /** Which of its threads this is, 1 to N; left out where it has none (`-k thread`). */
  readonly thread?: number;
  /** The number it got when spawned, rising by one. */
  readonly age: number;
  /** The load of config and code that it is of, from 1. */
  readonly generation: number;
  /** This process. */
  readonly pid: number;
  /** The runtime it runs on. */
  readonly runtime: RuntimeName;
  /** The log. */
  readonly log: HookLog;
}

/** How a request was answered. */
export interface RequestOutcome {
  /** The status of the answer; 500 where the app threw. */
  readonly status: number;
  /** The app's answer, whose body is on its way; a Node listener's `ServerResponse`. Undefined where the app threw. */
  readonly response: Response | undefined;
  /** What the app threw. */
  readonly error?: unknown;
  /** Milliseconds from the call of the app to its answer; for a Node listener to the end of its response. */
  readonly ms: number;
}

/** Hooks that the arbiter calls; a promise is waited for where the text says so, never longer than `hookTimeout`. */
export interface ArbiterHooks {
  /** Before addresses are opened and signals are heard; waited for. What it throws ends the start. */
  onStarting?(server: CornServer): unknown;
  /** When the first worker is ready. */
  whenReady?(server: CornServer): unknown;
  /** When a reload has read the config and opened its addresses, before it starts workers; waited for. */
  onReload?(server: CornServer): unknown;
  /** When a reload was refused or given up, with the reason: what served before serves on. */
  reloadFailed?(server: CornServer, error: Error): unknown;
  /** When the number of workers is another one; at the start `before` is undefined. */
  nworkersChanged?(
    server: CornServer,
    now: number,
    before: number | undefined,
  ): unknown;
  /** Before a worker is started; waited for. May return what to add to it. */
  preFork?(
    server: CornServer,
    worker: HookChild,
  ): WorkerAdditions | void | Promise<WorkerAdditions | void>;
  /** When a worker is ready. */
  workerReady?(server: CornServer, worker: HookChild): unknown;
  /** When a worker has ended. */
  childExit?(server: CornServer, worker: HookChild, exit: HookExit): unknown;
  /** Before USR2 starts a new arbiter; waited for. What it throws refuses the upgrade. */
  preExec?(server: CornServer): unknown;
  /** When all workers are gone, as the last thing; waited for. */
  onExit?(server: CornServer): unknown;
}

/** Hooks that workers call; a promise is waited for where the text says so, never longer than `hookTimeout`. */
export interface WorkerHooks {
  /** First of all, before privileges are dropped; waited for. */
  postFork?(worker: HookWorker): unknown;
  /** When the app is loaded, before it serves; waited for. */
  postWorkerInit?(worker: HookWorker): unknown;
  /** Before the app is called; waited for. What it throws is answered with 500. A Node listener's request is its `IncomingMessage`. */
  preRequest?(worker: HookWorker, request: Request): unknown;
  /** When the app has answered or failed. */
  postRequest?(
    worker: HookWorker,
    request: Request,
    outcome: RequestOutcome,
  ): unknown;
  /** At QUIT, or where the arbiter got INT, before `workerExit`; waited for. */
  workerInt?(worker: HookWorker): unknown;
  /** At ABRT, which a worker gets that was silent for `timeout`; only an event loop that turns again can call it. */
  workerAbort?(worker: HookWorker): unknown;
  /** Before the worker exits; waited for. */
  workerExit?(worker: HookWorker): unknown;
}

/** The hooks of a config file. */
export interface Hooks extends ArbiterHooks, WorkerHooks {}
