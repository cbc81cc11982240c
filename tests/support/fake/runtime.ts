/**
 * A machine that exists only in memory: a clock moved by hand, children that do
 * what the test says, files in a map.
 */
import { certificates } from "../../../adapters/shared/machine/certificates.ts";
import { networkTest } from "../../../adapters/shared/sockets/networks.ts";
import type {
  AcceptOptions,
  Address,
  ChildProcess,
  Closeable,
  Engine,
  EngineOptions,
  Farewell,
  FolderWatch,
  ForeignMemory,
  Identity,
  Listener,
  ListenEvents,
  ListenOptions,
  Outlet,
  OutletEvents,
  Post,
  Posted,
  QueueGauge,
  Receiver,
  RuntimeName,
  Screen,
  Self,
  SignalName,
  SpawnOptions,
  StreamListener,
  Talk,
  TalkEvents,
  TextSink,
  Usage,
} from "../../../src/runtime/runtime.ts";
import type {
  NativeHttp,
  Recorder,
  ServingRuntime,
} from "../../../src/runtime/serving.ts";
import type { Thread, ThreadOptions } from "../../../src/runtime/threads.ts";
import type { ServedFiles } from "../../../src/runtime/served-files.ts";
import type { Transport } from "../../../src/runtime/transport.ts";
import type { FlightRecorder } from "../../../src/exchange/flight-record.ts";
import { FakeClock } from "./clock.ts";
import { FakeEngine } from "./engine.ts";
import { FakeFarewell } from "./farewell.ts";
import { FakeOutlet } from "./outlet.ts";
import { FakeFiles, systemError } from "./files.ts";
import { FakeChild } from "./process.ts";
import type { FakeLink } from "./process.ts";

export { FakeClock, settle } from "./clock.ts";
export { FakeEngine } from "./engine.ts";
export { FakeFiles, systemError } from "./files.ts";
export { FakeOutlet } from "./outlet.ts";
export { FakeChild, FakeLink } from "./process.ts";

/** A listener that remembers whether it is open. */
export interface FakeListener extends Listener {
  readonly options: ListenOptions;
  open: boolean;
}

class FakeScreen implements Screen {
  columns = 80;
  rows = 24;
  /** Types keys; without a listener they are lost. */
  type: (key: string) => void = () => {};

  size(): { columns: number; rows: number } {
    return { columns: this.columns, rows: this.rows };
  }

  onKey(run: (key: string) => void): Closeable {
    this.type = run;
    return { close: () => void (this.type = () => {}) };
  }
}

class FakeSink implements TextSink {
  terminal = false;
  /** True where its reader has left. */
  gone = false;
  text = "";
  /** True while its reader takes nothing. */
  stuck = false;

  whenGone(): Closeable {
    return { close() {} };
  }

  write(text: string): boolean {
    if (this.stuck || this.gone) return false;
    this.text += text;
    return true;
  }

  /** Lines that wait for its reader. */
  untaken = 0;

  abandon(): number {
    return this.untaken;
  }
}

/** A thread that does what it is told to. */
export class FakeThread implements Thread {
  readonly options: ThreadOptions;
  readonly received: unknown[] = [];
  readonly signals: string[] = [];
  /** What it says of itself where it stands. */
  stand: string | undefined;

  constructor(options: ThreadOptions) {
    this.options = options;
  }

  send(message: unknown): void {
    this.received.push(message);
  }

  signal(name: string): void {
    this.signals.push(name);
  }

  look(): Promise<string | undefined> {
    return Promise.resolve(this.stand);
  }
}

/** A whole fake machine. */
export class FakeRuntime implements ServingRuntime {
  readonly name: RuntimeName = "node";
  readonly version = "24.0.0";
  readonly clock = new FakeClock();
  readonly files = new FakeFiles();
  readonly env: Record<string, string> = { PATH: "/bin" };
  readonly stdout = new FakeSink();
  readonly stderr = new FakeSink();
  readonly children: FakeChild[] = [];
  readonly listeners: FakeListener[] = [];
  readonly engines: FakeEngine[] = [];
  readonly modules = new Map<string, Record<string, unknown> | Error>();
  readonly exits: number[] = [];
  /** Pids of processes that exist besides this one. */
  readonly pids = new Set<number>();
  readonly reap = undefined;
  readonly certificates = certificates;
  /** The flight records of children, by pid; one that is absent cannot be found. */
  readonly records = new Map<number, FlightRecorder>();
  link: FakeLink | undefined;
  holdsListeners = true;
  /** What the next `listen` and `spawn` fail with. */
  listenFailure: Error | undefined;
  spawnFailure: Error | undefined;
  /** The folders that are watched, and who is told. */
  readonly watched = new Map<string, (name: string) => void>();
  /** The outlets that were dialled. */
  readonly outlets: FakeOutlet[] = [];
  sendsUnixDatagrams = true;
  keepsTlsSessions = false;
  /** What a service manager was told. */
  readonly notices: string[] = [];
  /** Who is asked about the app's servers. */
  servers: ListenEvents | undefined;
  readonly farewell = new FakeFarewell();
  /** The threads that were started. */
  readonly threads: FakeThread[] = [];
  /** What lowerPriority was told. */
  nice = 0;
  uncaught: (error: unknown) => void = () => {};
  readonly #handlers = new Map<SignalName, Set<() => void>>();
  #nextPort = 40_000;
  #nextDescriptor = 20;

  /** The folders that this process went to. */
  readonly entered: string[] = [];
  title = "";
  mask = 0o022;
  identity: Identity | undefined;
  /** What `self.ppid()` says. */
  ppid = 1;
  /** Connections that wait in each queue; undefined where the system does not tell. */
  waiting: number[] | undefined;

  /** What `self.memory()` says. */
  memory = 0;
  /** What `self.usage()` says. */
  usage: Usage = { cpuMs: 0, busyMs: undefined, rss: 0, heapUsed: 0 };

  forbidCoreDumps(): boolean {
    return true;
  }

  readonly self: Self = {
    pid: 100,
    uid: 0,
    hostname: () => "host",
    umask: (mask) => void (this.mask = mask),
    ppid: () => this.ppid,
    memory: () => this.memory,
    usage: () => this.usage,
    executable: "/bin/node",
    program: "/srv/mod.ts",
    args: [],
    start: { command: ["node", "mod.ts", "app.ts"], folder: "/srv" },
    env: () => ({ ...this.env }),
    setEnv: (name, value) => {
      if (value === undefined) delete this.env[name];
      else this.env[name] = value;
    },
    cwd: () => "/srv",
    chdir: (folder) => void this.entered.push(folder),
    processors: () => 4,
    stdin: { terminal: false },
    stdout: this.stdout,
    stderr: this.stderr,
    setTitle: (title) => void (this.title = title),
    // A real one does not come back: nothing that follows counts.
    exit: (code) => {
      if (this.exits.length === 0) this.exits.push(code);
      return undefined as never;
    },
  };

  readonly signals = {
    on: (signal: SignalName, run: () => void): Closeable => {
      const handlers = this.#handlers.get(signal) ?? new Set();
      this.#handlers.set(signal, handlers.add(run));
      return { close: () => void handlers.delete(run) };
    },
    send: () => false,
    exists: (pid: number): boolean => pid === 100 || this.pids.has(pid),
  };

  random(): number {
    return 0.5;
  }

  /** A signal to this process. */
  signal(signal: SignalName): void {
    for (const run of this.#handlers.get(signal) ?? []) run();
  }

  findInMemory(
    pid: number,
    _mark: Uint8Array,
  ): Promise<ForeignMemory | undefined> {
    const recorder = this.records.get(pid);
    return Promise.resolve(recorder && { read: () => recorder.copy() });
  }

  spawn(options: SpawnOptions): ChildProcess {
    const error = this.spawnFailure;
    this.spawnFailure = undefined;
    const pid = error === undefined ? 1001 + this.children.length : undefined;
    const child = new FakeChild(pid, options);
    this.children.push(child);
    if (error !== undefined) queueMicrotask(() => child.exit({ error }));
    return child;
  }

  /** The nth child that was spawned, from 1 as ages are. */
  child(age: number): FakeChild {
    const child = this.children[age - 1];
    if (child === undefined) throw new RangeError(`No child of age ${age}`);
    return child;
  }

  listen(address: Address, options: ListenOptions): Promise<Listener> {
    const failure = this.listenFailure;
    this.listenFailure = undefined;
    if (failure !== undefined) return Promise.reject(failure);
    const listener: FakeListener = {
      address: address.kind === "tcp" && address.port === 0
        ? { ...address, port: this.#nextPort++ }
        : address,
      queues: this.holdsListeners
        ? Array.from({ length: options.queues }, () => this.#nextDescriptor++)
        : [],
      options,
      open: true,
      close() {
        this.open = false;
      },
    };
    this.listeners.push(listener);
    return Promise.resolve(listener);
  }

  inherit(address: Address, descriptors: readonly number[]): Listener {
    const options = {
      queues: descriptors.length,
      reusePort: false,
      backlog: 0,
      unixMode: 0,
    };
    const listener: FakeListener = {
      address,
      queues: descriptors,
      options,
      open: true,
      close() {
        this.open = false;
      },
    };
    this.listeners.push(listener);
    return listener;
  }

  notifyManager(_socket: string, message: string): void {
    this.notices.push(message);
  }

  dial(receiver: Receiver, events: OutletEvents): Outlet {
    const outlet = new FakeOutlet(receiver, events);
    this.outlets.push(outlet);
    return outlet;
  }

  /** What was posted, and what answers it. */
  readonly posts: { readonly url: string; readonly post: Post }[] = [];
  posted: () => Posted | Promise<Posted> = () => ({
    status: 200,
    retryAfter: undefined,
    text: "{}",
  });

  post(url: string, post: Post): Promise<Posted> {
    this.posts.push({ url, post });
    return Promise.resolve().then(() => this.posted());
  }

  /** What takes connections in this process, by their addresses. */
  readonly accepting = new Map<Address, AcceptOptions>();
  /** Those of them whose names were removed. */
  readonly unnamed: Set<Address> = new Set();

  acceptsStreams(): boolean {
    return true;
  }

  acceptStreams(
    address: Address,
    options: AcceptOptions,
  ): Promise<StreamListener> {
    this.accepting.set(address, options);
    return Promise.resolve({
      address,
      isNamed: () => !this.unnamed.has(address),
      close: () => void this.accepting.delete(address),
    });
  }

  /** What `screen()` gives; keys are typed by its `type`. */
  readonly terminal = new FakeScreen();

  screen(): Promise<Screen> {
    return Promise.resolve(this.terminal);
  }

  converse(_url: string, { onClose }: TalkEvents): Talk {
    queueMicrotask(onClose);
    return { send() {}, close() {} };
  }

  gauge(): QueueGauge {
    return { read: () => this.waiting, close() {} };
  }

  servesDescriptors(): boolean {
    return this.holdsListeners;
  }

  /** Folders that cannot be watched, and those that can no longer. */
  readonly unwatchable: Set<string> = new Set();
  readonly failedWatches: Set<string> = new Set();

  watch(folder: string, onChange: (name: string) => void): FolderWatch {
    if (this.files.kind(folder) !== "folder") throw systemError("ENOENT");
    if (this.unwatchable.has(folder)) throw systemError("ENOSPC");
    this.watched.set(folder, onChange);
    const failed = () => this.failedWatches.has(folder);
    const isCurrent = () => !failed() && this.watched.get(folder) === onChange;
    return {
      isCurrent,
      get failed() {
        return failed();
      },
      close: () => void (isCurrent() && this.watched.delete(folder)),
    };
  }

  answers(_address?: Address): Promise<boolean> {
    return Promise.resolve(false);
  }

  become(identity: Identity): void {
    this.identity = identity;
  }

  /** Nothing listens here: the wire engine is tested over real sockets. */
  loadServedFiles(): Promise<ServedFiles> {
    return Promise.reject(new Error("there are no files to serve"));
  }

  loadTransport(): Promise<Transport> {
    return Promise.resolve({
      prepareTls: () => Promise.resolve(),
      listen: () => Promise.reject(systemError("ENOTSUP")),
      latin1: () => "",
      byteLength: (text) => text.length,
      join: (_, size) => new Uint8Array(size),
      soon: queueMicrotask,
      whenRead: (run) => run(),
    });
  }

  readonly recorder: Recorder = {
    profile: () => Promise.reject(systemError("ENOTSUP")),
    heap() {
      throw systemError("ENOTSUP");
    },
  };

  lowerPriority(nice: number): void {
    this.nice = nice;
  }

  byteLength(text: string): number {
    return text.length;
  }

  loadNative(): Promise<NativeHttp> {
    return Promise.resolve({
      installWebGlobals: () => Promise.resolve(),
      createEngine: (options) => this.engine(options),
    });
  }

  readonly globals = { Headers, Request, Response, fetch };
  readonly networkTest = networkTest;
  readonly nativeRequests = {};
  decodes(): boolean {
    return false;
  }

  keepDescriptors(): void {}

  peerOf(): undefined {}
  showClient(_request: unknown, env: unknown): unknown {
    return env;
  }

  /** Makes a native engine. */
  engine(options: EngineOptions): Promise<Engine> {
    const engine = new FakeEngine(options);
    this.engines.push(engine);
    return Promise.resolve(engine);
  }

  importModule(url: string): Promise<Record<string, unknown>> {
    const module = this.modules.get(url);
    if (module instanceof Error) return Promise.reject(module);
    if (module === undefined) return Promise.reject(systemError("ENOENT"));
    return Promise.resolve(module);
  }

  importAnew(url: string, _time: number): Promise<Record<string, unknown>> {
    return this.importModule(url);
  }

  withoutExit<Result>(run: () => Promise<Result>): Promise<Result> {
    return run();
  }

  /** Called where something else ends this process. */
  otherEnd: ((code: number) => void) | undefined;

  onOtherEnd(run: (code: number) => void): void {
    this.otherEnd = run;
  }

  watchServers(events: ListenEvents): void {
    this.servers = events;
  }

  keepFarewell(): Farewell {
    return this.farewell;
  }

  parent(): FakeLink | undefined {
    return this.link;
  }

  onUncaught(run: (error: unknown) => void): void {
    this.uncaught = run;
  }

  /** Called when a thread is started. */
  onStartThread = () => {};

  startThread(options: ThreadOptions): Promise<Thread> {
    this.onStartThread();
    const thread = new FakeThread(options);
    this.threads.push(thread);
    return Promise.resolve(thread);
  }
}

/** No arbiter stands beside this one. */
export const ALONE = {
  predecessor: () => undefined,
  successorPid: () => undefined,
};
