/**
 * The machine as corn sees it. `adapters/{node,bun,deno}` fulfil this
 * interface; nothing else in `src` touches a runtime.
 */
import type { Certificates } from "./certificates.ts";
import type { Clock, Closeable } from "./clock.ts";
import type { Files } from "./files.ts";
import type {
  Outlet,
  OutletEvents,
  Receiver,
  Talk,
  TalkEvents,
} from "./outlet.ts";
import type {
  ChildProcess,
  ForeignMemory,
  Identity,
  ParentLink,
  Self,
  Signals,
  SpawnOptions,
} from "./process.ts";
import type {
  Address,
  Listener,
  ListenOptions,
  Network,
  Post,
  Posted,
  QueueGauge,
} from "./sockets.ts";
import type { Screen } from "./screen.ts";
import type { AcceptOptions, StreamListener } from "./stream.ts";

export type * from "./certificates.ts";
export type * from "./clock.ts";
export type * from "./engine.ts";
export type * from "./files.ts";
export type * from "./listening.ts";
export type * from "./outlet.ts";
export type * from "./place.ts";
export type * from "./process.ts";
export type * from "./screen.ts";
export type * from "./sockets.ts";
export type * from "./tls.ts";
export type * from "./stream.ts";
export type * from "./websocket.ts";

/** The runtimes corn runs on. */
export type RuntimeName = "node" | "bun" | "deno";

/** A folder that is watched. */
export interface FolderWatch extends Closeable {
  /** False once its name is another folder's, or none's: of that nothing is heard. */
  isCurrent(): boolean;
  /** True once the system tells no more of it. */
  readonly failed: boolean;
}

/** What every process of corn's needs of a runtime; a worker needs more, `ServingRuntime`. */
export interface Runtime {
  readonly name: RuntimeName;
  readonly version: string;
  readonly clock: Clock;
  readonly self: Self;
  readonly files: Files;
  readonly signals: Signals;
  /** A number from 0 up to 1. */
  random(): number;
  /** Starts a process with an IPC channel. Never throws: a failure arrives as `onExit`. */
  spawn(options: SpawnOptions): ChildProcess;
  /**
   * Finds 16 bytes in the memory of a child, which need not answer: it may be
   * blocked. Undefined where they are not found, or the system does not let this
   * process look. The search takes some 100 ms, in pieces.
   */
  findInMemory(
    pid: number,
    mark: Uint8Array,
  ): Promise<ForeignMemory | undefined>;
  /**
   * Waits for a process that ended and was not started by `spawn` (waitpid(2));
   * false where there is nothing to wait for. Undefined where the runtime cannot.
   */
  readonly reap: ((pid: number) => boolean) | undefined;
  /**
   * Sends a message to a service manager's datagram socket (sd_notify(3)); a
   * name that begins with `@` is abstract. Never throws: the service
   * manager may be gone.
   */
  notifyManager(socket: string, message: string): void;
  /** True when an outlet to a unix datagram socket can be opened. */
  readonly sendsUnixDatagrams: boolean;
  /** Opens an outlet; never throws, a failure arrives as `onShut`. */
  dial(receiver: Receiver, events: OutletEvents): Outlet;
  /** False where this process lacks a permission for `acceptStreams`, which it would ask for on a terminal. */
  acceptsStreams(): boolean;
  /**
   * Takes connections in this process itself. A unix socket takes the place of
   * what has its name, unless that is `exclusive`, with its mode and owner from
   * the first moment. @throws the system's error
   */
  acceptStreams(
    address: Address,
    options: AcceptOptions,
  ): Promise<StreamListener>;
  /** The terminal that this process has, for what draws on it. */
  screen(): Promise<Screen>;
  /** Talks over a WebSocket, as debuggers do; never throws. */
  converse(url: string, events: TalkEvents): Talk;
  /** Posts a text to a server by HTTP or HTTPS. @throws where no answer comes in time */
  post(url: string, post: Post): Promise<Posted>;
  /** True when `listen` makes sockets that workers inherit; false when each worker must bind for itself. */
  readonly holdsListeners: boolean;
  /** Opens an address in the arbiter. @throws the system's error with its `code` and `syscall`. */
  listen(address: Address, options: ListenOptions): Promise<Listener>;
  /** Takes listening sockets over that this process was started with. */
  inherit(address: Address, descriptors: readonly number[]): Listener;
  /** Watches sockets that this process opened, by their descriptors. */
  gauge(descriptors: readonly number[]): QueueGauge;
  /** True when this runtime's engine for the style can serve on an inherited descriptor. */
  servesDescriptors(style: "fetch" | "node"): boolean;
  /** Tells the names of entries of a folder that were written, made or removed, until closed. @throws where it cannot be watched */
  watch(folder: string, onChange: (name: string) => void): FolderWatch;
  /**
   * The test whether an IP address is in one of the networks; an IPv4 address
   * that is written as IPv6 is taken for what it is. Addresses are to be read
   * strictly before, and have no zone.
   */
  networkTest(networks: readonly Network[]): (address: string) => boolean;
  /** False when it is certain that nothing listens at the address. */
  answers(address: Address): Promise<boolean>;
  /** Reads certificates and keys; what that takes is loaded at the first call. */
  readonly certificates: Certificates;
  /**
   * Lets nobody find in a core dump what this process, and what it starts from
   * now on, has in its memory; false where that cannot be done.
   */
  forbidCoreDumps(): boolean;
  /** Makes this process another user's, for good. @throws the system's error */
  become(identity: Identity): void;
  /**
   * Keeps what this process has open, but its streams, from all that it starts,
   * where the system lets it; call it first of all.
   */
  keepDescriptors(): void;
  /** Loads a module by its URL. */
  importModule(url: string): Promise<Record<string, unknown>>;
  /**
   * Loads a module as it is now, with what it imports from outside of
   * node_modules, for each `time` anew; 0 is the first.
   */
  importAnew(url: string, time: number): Promise<Record<string, unknown>>;
  /**
   * Runs what is the user's. @throws what it throws, or an Error where it calls
   * for the end of this process, which goes on, takes longer than `limitMs`, or
   * waits where nothing is left to come
   */
  withoutExit<Result>(
    run: () => Promise<Result>,
    limitMs: number,
  ): Promise<Result>;
  /**
   * Loads the package of a name that a module would get by an import, for the
   * sake of its own copy; undefined where there is none. Not on Deno.
   */
  importBeside?(
    name: string,
    url: string,
  ): Promise<Record<string, unknown> | undefined>;
  /** Writes the compiled code down that this process keeps for the next; absent where the runtime keeps none. */
  saveCompiled?(): void;
  /**
   * Gives back at once what a start has left in memory; absent where the runtime
   * does so by itself, or cannot be told.
   */
  tidy?(): void;
  /** The channel to the arbiter, or undefined in a process that has none. */
  parent(): ParentLink | undefined;
  /** Calls `run` for errors that nothing caught (`uncaughtException`, and `unhandledRejection` where the app does not listen itself). */
  onUncaught(run: (error: unknown) => void): void;
  /**
   * Calls `run` at the end of this process where something else than
   * `Self.exit` made it, as a call of `process.exit()` does, with its exit code;
   * that is 1 then in place of 0.
   */
  onOtherEnd(run: (code: number) => void): void;
}
