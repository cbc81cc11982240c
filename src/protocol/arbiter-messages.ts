/** What an arbiter says to its workers. */
import type { Address, RuntimeName, TlsMaterial } from "../runtime/runtime.ts";
import type { WorkerPlan } from "./worker-plan.ts";

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
  /** True where a worker of its generation was ready before: with its log's folder gone it serves on without. */
  readonly served: boolean;
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
