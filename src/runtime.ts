/**
 * The machine as corn sees it. `adapters/{node,bun,deno}` fulfil this
 * interface; nothing else in `src` touches a runtime.
 */

import type { WebGlobals } from "./wire/globals.ts";
import type { Transport } from "./wire/transport.ts";

/** The runtimes corn runs on. */
export type RuntimeName = "node" | "bun" | "deno";

/** The signals corn listens to or sends. */
export type SignalName =
  | "SIGHUP"
  | "SIGINT"
  | "SIGQUIT"
  | "SIGTERM"
  | "SIGUSR1"
  | "SIGUSR2"
  | "SIGTTIN"
  | "SIGTTOU"
  | "SIGWINCH"
  | "SIGCHLD"
  | "SIGABRT"
  | "SIGKILL";

/** Something that is held until it is closed; closing twice does nothing. */
export interface Closeable {
  close(): void;
}

/** Time, in milliseconds. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** The system's CLOCK_MONOTONIC, see clock_gettime(2): the same for all processes. */
  monotonic(): number;
  /** The wall clock, for what people read. */
  date(): Date;
  /** Calls `run` once after `ms` milliseconds, unless closed before. The timer keeps the process alive. */
  after(ms: number, run: () => void): Closeable;
}

/** A stream of text that goes out: standard output or standard error. */
export interface TextSink {
  /** True when a person looks at it. */
  readonly terminal: boolean;
  /** Writes at once, in order; false where not all of it went out. Never throws, even when the reader is gone. */
  write(text: string): boolean;
}

/** A file that only grows: what is appended by one write stays together, whoever else appends. */
export interface AppendFile extends Closeable {
  /**
   * Appends at once; false where not all of it went out, because the disk is
   * full or nobody reads a named pipe. Never throws, and waits for a reader for
   * a tenth of a second at most.
   */
  write(bytes: Uint8Array): boolean;
}

/** The two streams that a process prints to. */
export type OutputStream = "stdout" | "stderr";

/** How a process was started. */
export interface Start {
  /** The whole command line, the runtime's program first, as it was given. */
  readonly command: readonly string[];
  /** The working folder, by the name it was entered by (`PWD`): a link may lead elsewhere by now. */
  readonly folder: string;
}

/** Who a process is. */
export interface Identity {
  /** Undefined to stay the same user. */
  readonly uid: number | undefined;
  readonly gid: number;
  /** All groups, `gid` among them. */
  readonly groups: readonly number[];
}

/** This process. */
export interface Self {
  readonly pid: number;
  /** The user it runs as; 0 is root. */
  readonly uid: number;
  /** The machine's name, see gethostname(2); empty where it may not be known. */
  hostname(): string;
  /** The parent's pid now (1 once the parent has died and nobody else adopted). */
  ppid(): number;
  /** The absolute path of the runtime's binary. */
  readonly executable: string;
  /** The command-line arguments after the program. */
  readonly args: readonly string[];
  /** How this process was started, so that it can be started again. */
  readonly start: Start;
  /** A copy of the environment. */
  env(): Record<string, string>;
  /** Sets a variable of this process, or removes it where `value` is undefined. */
  setEnv(name: string, value: string | undefined): void;
  cwd(): string;
  /** Changes the working folder. @throws when `path` is not a folder that may be entered. */
  chdir(path: string): void;
  /** How many processors this process may use (affinity; quotas are read from cgroup files by the caller). */
  processors(): number;
  /** Resident memory of this process, in bytes. */
  memory(): number;
  readonly stdin: { readonly terminal: boolean };
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** Sets the permission bits that new files do not get, see umask(2). */
  umask(mask: number): void;
  /** Sets the title that `ps` shows, where the runtime can. */
  setTitle(title: string): void;
  /** Ends the process at once. */
  exit(code: number): never;
}

/** What a path is. */
export type FileKind = "file" | "folder" | "socket" | "other";

/** The file system; every call is synchronous and throws the system's error with its `code`. */
export interface Files {
  /** The text of a file, or undefined where there is none. @throws on any other failure. */
  readText(path: string): string | undefined;
  /** Creates or replaces a file. `mode` is octal permission bits, 0o644 unless given. */
  writeText(path: string, text: string, mode?: number): void;
  /** Opens a file for appending, closed on exec, and makes it where there is none, with the permissions that umask leaves. */
  openAppend(path: string): AppendFile;
  /** Makes an empty file for somebody else; nothing happens where there is something. */
  createFor(owner: FileOwner, path: string): void;
  /** Gives, each time it is called, what was appended to a file since `follow` was: a few pages at most. */
  follow(path: string): () => string;
  /** What stands at the path, or undefined where there is nothing. Follows links. */
  kind(path: string): FileKind | undefined;
  /** Names in a folder. */
  list(path: string): string[];
  /** The target of a symbolic link. */
  readLink(path: string): string;
  /** Removes a file or socket; nothing happens where there is none. */
  remove(path: string): void;
  rename(from: string, to: string): void;
  chmod(path: string, mode: number): void;
}

/** Signals in both directions. */
export interface Signals {
  /** Calls `run` on each arrival, until closed. The signal's default action is off meanwhile. */
  on(signal: SignalName, run: () => void): Closeable;
  /** Sends a signal; false when there is no such process. */
  send(pid: number, signal: SignalName): boolean;
  /** True when the process exists, even one that may not be signalled. */
  exists(pid: number): boolean;
}

/** An address to serve on. Port 0 asks the kernel for a free one; a path that begins with `@` is an abstract name, see unix(7). */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** The other end of a connection; the address is as the runtime writes it. */
export type Peer =
  | { readonly kind: "tcp"; readonly address: string; readonly port: number }
  | { readonly kind: "unix" };

/** What a request is shown to be, because a trusted proxy says so; undefined leaves a part as it is. */
export interface Represented {
  /** The client; `hidden` where the proxy does not tell. */
  readonly client?:
    | Extract<Peer, { kind: "tcp" }>
    | { readonly kind: "hidden" }
    | undefined;
  /** True for https. */
  readonly secure?: boolean | undefined;
  /** Host, with a port where it is not the scheme's own. */
  readonly host?: string | undefined;
}

/** User and group of a file, as numbers; -1 leaves one as it is, see chown(2). */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Who may connect to a unix socket that has a file's name. */
export interface UnixAccess {
  /** Permission bits. */
  readonly unixMode: number;
  /** The process's own user and group where it is left out. */
  readonly unixOwner?: FileOwner | undefined;
}

/** How `Runtime.listen` opens an address. */
export interface ListenOptions extends UnixAccess {
  /** Listening sockets to open for the address; more than one makes an SO_REUSEPORT group (socket(7)). */
  readonly queues: number;
  /** True to set SO_REUSEPORT even where there is one queue, for workers that bind beside it. */
  readonly reusePort: boolean;
  /** Connections the kernel queues for each socket, see listen(2). */
  readonly backlog: number;
}

/**
 * An address that the arbiter opened. With `queues` the sockets are the
 * arbiter's own and are inherited by descriptor. Without, the runtime cannot
 * make them: the address was checked to be free, and each worker binds it
 * itself with SO_REUSEPORT.
 */
export interface Listener extends Closeable {
  /** The address in use, with the port the kernel gave. */
  readonly address: Address;
  /** Descriptors in the arbiter, one a queue; empty when workers bind for themselves. */
  readonly queues: readonly number[];
  /** Opens more sockets, up to so many, beside those that were opened with SO_REUSEPORT. @throws the system's error */
  grow?(queues: number): Promise<void>;
}

/** Looks at what waits in listening sockets. */
export interface QueueGauge extends Closeable {
  /** How many connections wait in each of them; undefined where the system does not tell. */
  read(): readonly number[] | undefined;
}

/** A process to start. Its IPC channel is JSON, so any runtime may be at the other end. */
export interface SpawnOptions {
  readonly executable: string;
  readonly args: readonly string[];
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** True to give it this process's standard input; without, it reads nothing. */
  readonly input?: boolean;
  /** True for a session of its own, see setsid(2): no terminal's signal reaches it. */
  readonly detached?: boolean;
  /** A file that all it prints is appended to. */
  readonly outputFile?: string;
  /** Descriptors of this process that the child inherits; `ChildProcess.descriptors` says as which numbers. */
  readonly descriptors: readonly number[];
  /** Variables that tell the child those numbers, beside `env`. */
  numbersEnv?(descriptors: readonly number[]): Readonly<Record<string, string>>;
  onMessage(message: unknown): void;
  /**
   * Takes what the child prints, some text at a time and at most a piece a turn
   * of the event loop; the child waits where it prints faster. Without, it
   * prints to this process's own standard output and error.
   */
  onOutput?(stream: OutputStream, text: string): void;
  /** Called once, after the last message and output: the process ended, or could not be started (`error`). */
  onExit(exit: ChildExit): void;
}

/** How a child ended. */
export interface ChildExit {
  readonly code?: number;
  readonly signal?: string;
  /** Why it could not be started at all. */
  readonly error?: Error;
}

/** A started process. */
export interface ChildProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** The child's numbers of the descriptors it inherited, in their order. */
  readonly descriptors: readonly number[];
  /** Sends a JSON message; false when the channel is gone. */
  send(message: unknown): boolean;
  /** Sends a signal; false when the process is gone. */
  kill(signal: SignalName): boolean;
}

/** The IPC channel from a worker to its arbiter. */
export interface ParentLink {
  /** Sends a JSON message at once; false when the channel is gone. */
  send(message: unknown): boolean;
  onMessage(run: (message: unknown) => void): void;
  /** Called once when the channel closes: the arbiter is gone. */
  onClose(run: () => void): void;
}

/** Where an engine gets its connections from. */
export type Source =
  /** A listening socket inherited from the arbiter. */
  | {
    readonly kind: "descriptor";
    readonly descriptor: number;
    readonly address: Address;
  }
  /** An address that the worker binds itself, with SO_REUSEPORT where it is TCP. */
  | { readonly kind: "address"; readonly address: Address };

/** What an engine calls for each request: the gateway. */
export interface RequestHandler {
  /** Which face of the handler is served: web-standard fetch, or a Node `(req, res)` listener. */
  readonly style: "fetch" | "node";
  /**
   * Answers a request; never throws or rejects. `env` is what the runtime's own
   * server hands to apps. An answer that comes later passes through `finish`,
   * which costs less than another promise.
   */
  fetch(
    request: Request,
    env: unknown,
    finish?: (response: Response) => Response,
  ): Response | Promise<Response>;
  /** Answers a Node request (`http.IncomingMessage`, `http.ServerResponse`); never throws. */
  node(incoming: unknown, outgoing: unknown): void;
}

/** What a runtime's own server tells of a request beside the Request. */
export interface NativeView {
  /** `http.IncomingMessage` and `http.ServerResponse` behind it; left out where there are none. */
  messages?(env: unknown): readonly [incoming: unknown, outgoing: unknown];
}

/** How an engine behaves. */
export interface EngineOptions extends UnixAccess {
  readonly handler: RequestHandler;
  /** Idle milliseconds after which a kept-alive connection is closed; 0 turns keep-alive off. */
  readonly keepAliveMs: number;
  readonly backlog: number;
  /** Says what a person should know: that something works in another way than it should. */
  report(text: string): void;
}

/** What speaks HTTP in a worker. */
export interface Engine {
  /** Its name, for the log. */
  readonly name: string;
  /** Begins to accept from a source, or again after `release`, and gives its address. @throws the system's error. */
  open(source: Source): Promise<Address>;
  /**
   * Stops accepting from an inherited socket until it is opened again; what
   * waits there stays for others. False where the engine cannot.
   */
  release(descriptor: number): boolean;
  /**
   * Stops accepting without closing what is queued, answers what is open and
   * what still comes on kept-alive connections with `Connection: close`, keeps
   * idle connections for their keep-alive time, and resolves when the last one
   * has ended. Where a runtime cannot do a part of it, `docs/runtimes.md` says so.
   */
  drain(): Promise<void>;
  /** Cuts every connection now. */
  close(): void;
}

/** A receiver of messages: datagrams, or a stream of bytes. A path that begins with `@` is an abstract name. */
export type Receiver =
  | { readonly kind: "udp"; readonly host: string; readonly port: number }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix-datagram"; readonly path: string }
  | { readonly kind: "unix-stream"; readonly path: string };

/** What becomes of an outlet. */
export interface OutletEvents {
  /** It is open: the name was found, and a stream is connected. */
  onOpen(): void;
  /**
   * Once, unless it was closed before: it could not be opened, the receiver is
   * gone or has ended the stream (then without an error), or a datagram that
   * was sent before found nobody, as far as the system tells.
   */
  onShut(error: Error | undefined): void;
}

/** A way for messages out to a receiver. */
export interface Outlet extends Closeable {
  /**
   * Sends a datagram, or appends to the stream, and tells once the system has
   * taken it or why it has not. Never throws; for an outlet that is shut or
   * closed meanwhile, nothing is told.
   */
  send(bytes: Uint8Array, told: (error: Error | undefined) => void): void;
}

/** One runtime. */
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
   * Waits for a process that ended and was not started by `spawn` (waitpid(2));
   * false where there is nothing to wait for. Undefined where the runtime cannot.
   */
  readonly reap: ((pid: number) => boolean) | undefined;
  /**
   * Sends a message to a service manager's datagram socket (sd_notify(3)); a
   * name that begins with `@` is abstract. Never throws: who asked to be told
   * may be gone.
   */
  notifyManager(socket: string, message: string): void;
  /** True when an outlet to a unix datagram socket can be opened. */
  readonly sendsUnixDatagrams: boolean;
  /** Opens an outlet; never throws, a failure arrives as `onShut`. */
  dial(receiver: Receiver, events: OutletEvents): Outlet;
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
  watch(folder: string, onChange: (name: string) => void): Closeable;
  /** False when nobody listens at the address for sure. */
  answers(address: Address): Promise<boolean>;
  /** Makes this process another user's, for good. @throws the system's error */
  become(identity: Identity): void;
  /** Puts in place what an app must find when it is loaded; call it before that. */
  prepare(): Promise<void>;
  /** Sockets for the wire engine. */
  readonly transport: Transport;
  /** The global object, where an app finds the web's classes. */
  readonly globals: WebGlobals;
  /**
   * Who is at the other end of a request's connection, by what the handler was
   * called with: `request` and `env` of `fetch`, or `incoming` and `outgoing` of
   * `node`. Ask while the handler is called: once the client is gone it is
   * undefined.
   */
  peerOf(request: unknown, env: unknown): Peer | undefined;
  /**
   * Makes what the handler is called with show another client: the `env` that
   * is returned for `fetch`, the request itself for `node`. `peerOf` tells of
   * that client then. The URL of a Request is the caller's business.
   */
  represent(request: unknown, env: unknown, shown: Represented): unknown;
  /**
   * A request's header names and values, one after the other as they were sent,
   * where they are at hand; absent where they never are.
   */
  fieldsOf?(request: unknown, env: unknown): readonly string[] | undefined;
  /** Makes the runtime's own HTTP server for a handler. */
  engine(options: EngineOptions): Promise<Engine>;
  /** What there is to see of requests of its fetch engine. */
  readonly view: NativeView;
  /** Loads a module by its URL. */
  importModule(url: string): Promise<Record<string, unknown>>;
  /** The channel to the arbiter, or undefined in a process that has none. */
  parent(): ParentLink | undefined;
  /** Calls `run` for errors that nothing caught (`uncaughtException`, `unhandledRejection`). */
  onUncaught(run: (error: unknown) => void): void;
}
