/** What arbiter and worker say to each other: JSON objects with a `type`. */
import type { Level } from "../log/event.ts";
import type { Address, RuntimeName, TlsMaterial } from "../runtime/runtime.ts";
import type { DurationCount } from "../exchange/durations.ts";
import type { OpenRequest } from "../exchange/open-request.ts";
import type { RefusedCount } from "../exchange/refused.ts";
import type { ThreadState } from "../exchange/thread-state.ts";
import type { RequestCounts } from "../telemetry/request-figures.ts";
import type { SocketCounts } from "../telemetry/socket-figures.ts";
import type { CountsRecord } from "../telemetry/sums.ts";
import type { WorkerPlan } from "./worker-plan.ts";

/** The worker's code runs and waits for orders. */
export interface HelloMessage {
  readonly type: "hello";
  readonly runtime: string;
  readonly version: string;
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

/** Where a worker finds one address. */
export interface BootListener {
  readonly address: Address;
  /** Inherited descriptors, one a queue, for each thread one after the other; empty when the worker binds for itself. */
  readonly descriptors: readonly number[];
  /** True where its connections begin with TLS. */
  readonly secure?: true;
}

/** The answer to hello: what to serve and how. Durations are milliseconds. */
export interface BootMessage {
  readonly type: "boot";
  /** What its settings make of it. */
  readonly plan: WorkerPlan;
  /** True to load the app and exit, for `--check-config`. */
  readonly check: boolean;
  /** What it must run on. */
  readonly runtime: RuntimeName;
  /** The mark of its flight record, in hexadecimal; left out where the arbiter cannot read it. */
  readonly mark?: string;
  readonly slot: number;
  /** Which of the worker's threads it is, from 1; left out for a process. */
  readonly thread?: number;
  /** The number it got when spawned, rising by one. */
  readonly age: number;
  /** True for the first of its generation, which says what all would. */
  readonly tells: boolean;
  /** The load of config and code that it is of, from 1. */
  readonly generation: number;
  readonly listeners: readonly BootListener[];
  /** Queue to accept from first, 0-based. */
  readonly queue: number;
  /** How long the worker must live with its app loaded before it serves. */
  readonly proofMs: number;
  /** True where failures may be shown to clients. */
  readonly dev: boolean;
  /** What TLS is spoken with; left out where no listener is secure. No part of the plan, which may be shown. */
  readonly tls?: TlsMaterial;
}

/** Accept from one more queue. */
export interface OpenMessage {
  readonly type: "open";
  readonly queue: number;
}

/** Accept from a queue no more, until `open` says otherwise. */
export interface ReleaseMessage {
  readonly type: "release";
  readonly queue: number;
}

/** Finish open requests, accept none, exit. */
export interface DrainMessage {
  readonly type: "drain";
  /** Within so much time, in place of the graceful timeout. */
  readonly withinMs?: number;
  /** True where no other worker will take what waits in the queue. */
  readonly last?: boolean;
  /** True to wait for nothing that is open, but for what the app does at its end. */
  readonly cut?: boolean;
}

/** Open log files anew, since they may have been moved away. */
export interface ReopenMessage {
  readonly type: "reopen";
}

/** Tell figures from now on. */
export interface FigureMessage {
  readonly type: "figure";
  /** Between two messages; 0 to tell none any more. The first is told at once. */
  readonly everyMs: number;
  /** True while a person looks. */
  readonly seen?: boolean;
}

/** Tell which requests wait for their answers. */
export interface ListMessage {
  readonly type: "list";
  readonly id: number;
  /** True to tell the query too, which may hold secrets. */
  readonly query: boolean;
}

/** Write a profile or a heap snapshot into a new file. */
export interface RecordMessage {
  readonly type: "record";
  readonly id: number;
  readonly what: "profile" | "heap";
  readonly file: string;
  /** How long a profile takes. */
  readonly ms: number;
  /** The thread that is to do it, where a worker has several. */
  readonly thread?: number;
  /** True to do it at the end of the drain, once no request is open. */
  readonly last?: boolean;
}

/** Get ready to tell where the event loop is blocked. */
export interface WatchMessage {
  readonly type: "watch";
}

/** Tell the app's own metrics. */
export interface CollectMessage {
  readonly type: "collect";
  readonly id: number;
}

/** Exit now. */
export interface QuitMessage {
  readonly type: "quit";
  /** True to drain instead where it accepts already: that it is ready may be on its way. */
  readonly unlessOpen?: boolean;
}

/** Speak TLS with this from the next connection on. */
export interface TlsMessage {
  readonly type: "tls";
  readonly id: number;
  readonly material: TlsMaterial;
}

export type ArbiterMessage =
  | BootMessage
  | OpenMessage
  | ReleaseMessage
  | DrainMessage
  | ReopenMessage
  | WatchMessage
  | RecordMessage
  | FigureMessage
  | CollectMessage
  | ListMessage
  | TlsMessage
  | QuitMessage;

/** What a new arbiter tells the one that started it: all its workers are ready. */
export interface ServingMessage {
  readonly type: "serving";
}

/** What two arbiters that serve the same addresses tell each other: all that each has counted itself, in the place of what it told before. */
export interface SumsMessage {
  readonly type: "sums";
  readonly record: CountsRecord;
}

export type SuccessorMessage = ServingMessage | SumsMessage;

/** The variable that holds a worker's slot, 1 to N, for the app to read. */
export const WORKER_ID_VARIABLE = "CORN_WORKER_ID";

/** The same for the number of a worker's thread, 1 to N. */
export const THREAD_ID_VARIABLE = "CORN_THREAD_ID";

/** Exit codes of a worker that could not boot. */
export const EXIT_BOOT_FAILED = 3;
export const EXIT_APP_FAILED = 4;

/** Narrows what came from the arbiter: an object with a `type` is taken at its word. What comes to it is not, see message-checks.ts. */
export function isMessage<M extends { type: string }>(
  message: unknown,
): message is M {
  return typeof message === "object" && message !== null &&
    typeof (message as { type?: unknown }).type === "string";
}
