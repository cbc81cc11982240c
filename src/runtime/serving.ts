/** The machine as a worker sees it: what speaks HTTP, and what tells of its requests. */
import type {
  Engine,
  EngineOptions,
  NativeRequests,
  ShownClient,
} from "./engine.ts";
import type { Farewell, ListenEvents } from "./listening.ts";
import type { Closeable } from "./clock.ts";
import type { Runtime } from "./runtime.ts";
import type { ServedFiles } from "./served-files.ts";
import type { Peer } from "./sockets.ts";
import type { Thread, ThreadOptions } from "./threads.ts";
import type { Transport } from "./transport.ts";
import type { SentFetch, WebGlobals } from "./web-globals.ts";

/** Writes files for the owner alone, as Chrome's DevTools open them. @throws the system's error */
export interface Recorder {
  /** What the processor is used for, during so many milliseconds. */
  profile(file: string, ms: number): Promise<void>;
  /** What is in memory; the event loop stands still meanwhile. */
  heap(file: string): void;
}

/** What looks at a blocked event loop. */
export interface LoopWatch extends Closeable {
  /** The loop turns; `busy` where it does so again soon. */
  beat(busy: boolean): void;
  /** What was seen since it was last asked, as the expression says it. */
  take(): string | undefined;
}

export interface LoopWatchOptions {
  /** Where the arbiter finds what was seen: memory that begins with these 16 bytes, which are given in hexadecimal since there must be no second place with them, with the length of a text in the next four. */
  readonly mark: string;
  /** Bytes of that memory. */
  readonly bytes: number;
  /** Where the text begins in it. */
  readonly textAt: number;
  /** The silence after which it looks. */
  readonly silentMs: number;
  /** What it evaluates where the loop is blocked. */
  readonly expression: string;
  /** The working folder, from which files are named. */
  readonly folder: string;
}

/** The runtime's own HTTP server. */
export interface NativeHttp {
  /** Replaces the globals that it needs replaced; call it before the app is loaded. */
  installWebGlobals(): Promise<void>;
  /**
   * There where light responses may stand for the runtime's own, which costs
   * them less than its own does: makes its own of them from now on, for servers
   * of the app's too.
   */
  answerBy?(own: <T>(answer: T) => T | Response): void;
  /** Makes it for a handler. */
  createEngine(options: EngineOptions): Promise<Engine>;
}

/** Answers by the routes of `Bun.serve`, and by `fetch` where none of them is for a request. @throws TypeError for one that cannot be served */
export type WithRoutes = (
  routes: Readonly<Record<string, unknown>>,
  fetch: RouteHandler | undefined,
) => RouteHandler;

/** What a route calls. */
export type RouteHandler = (
  request: Request,
  server: unknown,
  context?: unknown,
) => unknown;

/**
 * A runtime, and what it takes to serve. What only one of the engines needs is
 * loaded when it is asked for: before the worker is ready, because a deploy may
 * replace the code on disk later.
 */
export interface ServingRuntime extends Runtime {
  loadNative(): Promise<NativeHttp>;
  /** Sockets for the wire engine; for tasks, whose next call may come right behind an answer. */
  loadTransport(use?: "http" | "tasks"): Promise<Transport>;
  /**
   * True where clients can come back by any session of TLS that this process
   * began, whatever certificates it speaks with by then.
   */
  readonly keepsTlsSessions: boolean;
  /** Lets others go first for the processor, see nice(1). @throws the system's error, or the runtime's where it does not permit it */
  lowerPriority(nice: number): void;
  /** What serves files. */
  loadServedFiles(): Promise<ServedFiles>;
  /** The size of a text as UTF-8. */
  byteLength(text: string): number;
  /** True where `fetch()` decodes a body with these codings, in lower case, in answer to what was sent. */
  decodes(codings: readonly string[], sent: SentFetch): boolean;
  /**
   * True where something in this process, such as a tracer, has hooked what the
   * runtime's own server does for each request; left out where none can. Ask
   * before the app is loaded.
   */
  isInstrumented?(): boolean;
  /** The global object, where an app finds the web's classes. */
  readonly globals: WebGlobals;
  /**
   * The peer of a request's connection, by what the handler was called with:
   * `request` and `env` of `fetch`, or `incoming` and `outgoing` of `node`. Ask
   * while the handler is called: once the client is gone it is undefined.
   */
  peerOf(request: unknown, env: unknown): Peer | undefined;
  /**
   * Makes what the handler is called with show another client: the `env` that
   * is returned for `fetch`, the request itself for `node`. `peerOf` tells of
   * that client then. The URL of a Request is the caller's business.
   */
  showClient(request: unknown, env: unknown, shown: ShownClient): unknown;
  /**
   * A request's header names and values, one after the other as they were sent,
   * where they are at hand; absent where they never are.
   */
  fieldsOf?(request: unknown, env: unknown): readonly string[] | undefined;
  /**
   * From now on asks what becomes of each server of this process that is told to
   * listen, but for the engines' own; call it before the app is loaded.
   */
  watchServers(events: ListenEvents): void;
  /**
   * Finds which of some modules has the syntax error of this message: its path,
   * line and source as the runtime prints them. Left out where an error tells it.
   */
  locateSyntaxError?(
    paths: readonly string[],
    message: string,
  ): Promise<string | undefined>;
  /** Serves the routes of an app as the runtime's own server does; left out where that has none. */
  readonly withRoutes?: WithRoutes;
  /**
   * Keeps what others than `signals` do at SIGTERM and SIGINT until the end;
   * corn's own timers and channel keep the process alive as a whole, not one by
   * one. Call it before anything else.
   */
  keepFarewell(): Farewell;
  /** What records this process. */
  readonly recorder: Recorder;
  /** What looks at a blocked event loop from within this process; absent where that is not needed. */
  readonly loopWatch?: {
    /** True where it costs nothing that can be measured. */
    readonly free: boolean;
    /** @throws where this process may not */
    start(options: LoopWatchOptions): LoopWatch;
  };
  /** Where a debugger attaches to this process, whether its event loop is blocked or not; absent where the runtime has no such place. */
  debuggerUrl?(): string | undefined;
  /** What there is to see of requests of its fetch engine. */
  readonly nativeRequests: NativeRequests;
  /** Starts a thread. */
  startThread(options: ThreadOptions): Promise<Thread>;
  /** The memory for the flight record of this thread; left out in a process's first. */
  readonly record?: SharedArrayBuffer;
}
