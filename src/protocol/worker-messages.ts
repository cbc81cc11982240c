/** What a worker says to its arbiter. What comes of it is read by message-checks.ts: an app may write to the channel too. */
import type { Level } from "../log/event.ts";
import type { Address } from "../runtime/runtime.ts";
import type { DurationCount } from "../exchange/durations.ts";
import type { OpenRequest } from "../exchange/open-request.ts";
import type { RefusedCount } from "../exchange/refused.ts";
import type { ThreadState } from "../exchange/thread-state.ts";
import type { RequestCounts } from "../telemetry/request-figures.ts";
import type { SocketCounts } from "../telemetry/socket-figures.ts";

/** The worker's code runs and waits for orders. */
export interface HelloMessage {
  readonly type: "hello";
  readonly runtime: string;
  readonly version: string;
  /** corn's own version, of the files that the worker was started from. */
  readonly corn: string;
}

/** The app is loaded and every listener is open. */
export interface ReadyMessage {
  readonly type: "ready";
  /** The engine that serves. */
  readonly engine: string;
  readonly addresses: readonly Address[];
}

/** Boot failed; the process exits next. */
export interface FailedMessage {
  readonly type: "failed";
  /** `app`: the app cannot be loaded (exit code 4); `boot`: anything else (exit code 3). */
  readonly kind: "app" | "boot";
  /** One line. */
  readonly message: string;
  /** The app's own stack, or "". */
  readonly stack: string;
}

/** Sign of life of the worker's event loop. */
export interface BeatMessage {
  readonly type: "beat";
  /** Requests answered since boot. */
  readonly requests: number;
  /** Requests open now. */
  readonly open: number;
  /** True when the next beats follow every 250 ms, until one says false. */
  readonly busy: boolean;
  /** For how long the event loop was blocked before, where this beat is late. */
  readonly blockedMs?: number;
  /** What it saw of itself meanwhile, as JSON of a `Look`. */
  readonly look?: string;
}

/** Why a worker wants to be replaced: a limit, an error, or a signal from outside. */
export const RECYCLE_KINDS = [
  "max_requests",
  "lifetime",
  "memory",
  "authorities",
  "error",
  "signal",
] as const;
export type RecycleKind = typeof RECYCLE_KINDS[number];

/** The worker wants to be replaced. */
export interface RecycleMessage {
  readonly type: "recycle";
  readonly kind: RecycleKind;
  /** What the log says: "after 1000 requests". */
  readonly reason: string;
  /** True when an error is the reason. */
  readonly failure: boolean;
  /** True when it cannot wait for its replacement. */
  readonly now?: boolean;
}

/** What it was told to record is written, or cannot be. */
export interface RecordedMessage {
  readonly type: "recorded";
  readonly id: number;
  /** Why it cannot be; left out or empty where it is. */
  readonly error?: string;
}

/** The worker looks at its own event loop, and the arbiter finds what it sees. */
export interface WatchingMessage {
  readonly type: "watching";
}

/** Where a debugger attaches to the worker. */
export interface DebuggerMessage {
  readonly type: "debugger";
  readonly url: string;
}

/** The worker drains, and accepts no connection that is made from now on. */
export interface ClosedMessage {
  readonly type: "closed";
}

/** What a worker has done since it told last, and how it is. */
export interface FiguresMessage {
  readonly type: "figures";
  /** Requests begun since boot. */
  readonly requests: number;
  /** Requests open now. */
  readonly open: number;
  /** Requests that wait in it for their turn. */
  readonly queued: number;
  /** Milliseconds of processor time since it told last. */
  readonly cpuMs: number;
  /** Milliseconds that the event loop was at work since then; left out where the runtime does not tell. */
  readonly busyMs?: number;
  /** Resident memory, in bytes. */
  readonly rss: number;
  /** Memory of the heap in use, in bytes. */
  readonly heapUsed: number;
  /** The longest that the event loop was late since then, in milliseconds. */
  readonly lagMs: number;
  /** Requests that ended since then; empty where they are not measured. */
  readonly ended: readonly RequestCounts[];
  /** WebSockets; left out where there never was one. */
  readonly sockets?: SocketCounts;
  /** What was answered in the app's place since then; left out where nothing was. */
  readonly refused?: readonly RefusedCount[];
  /** What is told while a person looks. */
  readonly seen?: SeenFigures;
}

/** How many open requests a worker names among its figures. */
export const OLDEST = 3;

/** The longest path of an open request, with its query. */
export const MOST_PATH = 1024;

/** What a person wants to know of a worker. */
export interface SeenFigures {
  /** How long the app took for its answers since it was told last. */
  readonly durations: readonly DurationCount[];
  /** How many of them were 500 or above. */
  readonly failed: number;
  /** Requests that wait for their answers, the oldest few. */
  readonly oldest: readonly OpenRequest[];
  /** Its threads; left out where it is one alone. */
  readonly threads?: readonly ThreadState[];
}

/** A request that waits for its answer. */
export interface ListedRequest extends OpenRequest {
  /** The client's address; left out where it is not known. */
  readonly client?: string;
  /** True where its handler is seen to have the event loop. */
  readonly running?: true;
}

/** A thread of a worker whose event loop does not turn. */
export interface BlockedThread {
  readonly thread: number;
  readonly ms: number;
  /** The request that has the event loop; left out where that is not known. */
  readonly by?: OpenRequest;
  /** The app's frames, the innermost first; left out where they are not known. */
  readonly frames?: readonly string[];
}

/** The requests that wait for their answers in a worker, the oldest first; those without a seat are missing. */
export interface RequestsMessage {
  readonly type: "requests";
  /** That of the question. */
  readonly id: number;
  readonly requests: readonly ListedRequest[];
  /** Its threads that are blocked; left out where there are none. */
  readonly blocked?: readonly BlockedThread[];
}

/** TLS is spoken with what was told, or the log says why not. */
export interface RekeyedMessage {
  readonly type: "rekeyed";
  /** That of the order. */
  readonly id: number;
}

/** The app's own metrics, as Prometheus' text. */
export interface MetricsMessage {
  readonly type: "metrics";
  /** That of the question; 0 where none was asked. */
  readonly id: number;
  readonly text: string;
}

/** A line for the log. */
export interface LogMessage {
  readonly type: "log";
  readonly level: Level;
  readonly text: string;
  /** True where the app threw; the level is `error` then. */
  readonly exception?: boolean;
}

/** Lines of the access log, where the worker has no standard output of its own. */
export interface AccessMessage {
  readonly type: "access";
  readonly text: string;
}

export type WorkerMessage =
  | HelloMessage
  | ReadyMessage
  | FailedMessage
  | BeatMessage
  | RecycleMessage
  | ClosedMessage
  | DebuggerMessage
  | WatchingMessage
  | RecordedMessage
  | FiguresMessage
  | MetricsMessage
  | RequestsMessage
  | RekeyedMessage
  | LogMessage
  | AccessMessage;
