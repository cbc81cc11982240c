/**
 * A machine that exists only in memory: a clock moved by hand, children that do
 * what the test says, files in a map.
 */
import type {
  Address,
  AppendFile,
  ChildExit,
  ChildProcess,
  Clock,
  Closeable,
  Engine,
  EngineOptions,
  FileKind,
  FileOwner,
  Files,
  Identity,
  Listener,
  ListenOptions,
  Outlet,
  OutletEvents,
  ParentLink,
  QueueGauge,
  Receiver,
  Runtime,
  RuntimeName,
  Self,
  SignalName,
  Source,
  SpawnOptions,
  TextSink,
} from "../../src/runtime.ts";
import type { Transport } from "../../src/wire/transport.ts";

/** A clock that stands still until `pass` is called. */
export class FakeClock implements Clock {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];
  /** How many timers were ever set. */
  set = 0;

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#now);
  }

  after(ms: number, run: () => void): Closeable {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    this.set++;
    return {
      close: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** When the standing timers are due. */
  due(): number[] {
    return this.#timers.map(({ at }) => at).sort((a, b) => a - b);
  }

  /** Lets time pass and runs what is due meanwhile, in order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  /** Lets time pass without anybody noticing, as in a loop that is blocked. */
  block(ms: number): void {
    this.#now += ms;
  }
}

/** A system error with its code. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it was to be so`), { code });
}

/** Files in a map; a folder is where a file's path leads through. */
export class FakeFiles implements Files {
  readonly texts = new Map<string, string>();
  readonly links = new Map<string, string>();
  readonly sockets = new Set<string>();
  /** Who files were made for. */
  readonly owners = new Map<string, FileOwner>();
  /** Paths of the files that are open for appending. */
  readonly opened: string[] = [];
  /** How many bytes a file may still grow. */
  readonly rooms = new Map<string, number>();
  /** Calls that fail, `readText /path`, and how. */
  readonly failures = new Map<string, Error>();

  #attempt(call: string): void {
    const failure = this.failures.get(call);
    if (failure !== undefined) throw failure;
  }

  readText(path: string): string | undefined {
    this.#attempt(`readText ${path}`);
    return this.texts.get(path);
  }

  writeText(path: string, text: string): void {
    this.#attempt(`writeText ${path}`);
    this.texts.set(path, text);
  }

  createFor(owner: FileOwner, path: string): void {
    this.#attempt(`createFor ${path}`);
    if (this.kind(path) !== undefined) return;
    this.texts.set(path, "");
    this.owners.set(path, owner);
  }

  /** Appends to `texts`, as far as `rooms` lets it. */
  openAppend(path: string): AppendFile {
    this.#attempt(`openAppend ${path}`);
    this.texts.set(path, this.texts.get(path) ?? "");
    this.opened.push(path);
    let closed = false;
    return {
      write: (bytes) => {
        if (closed) return false;
        const room = this.rooms.get(path) ?? Infinity;
        const part = bytes.subarray(0, room);
        if (room < Infinity) this.rooms.set(path, room - part.length);
        const text = new TextDecoder().decode(part);
        this.texts.set(path, this.texts.get(path) + text);
        return part.length === bytes.length;
      },
      close: () => {
        closed = true;
        this.opened.splice(this.opened.indexOf(path), 1);
      },
    };
  }

  follow(path: string): () => string {
    const from = (this.texts.get(path) ?? "").length;
    return () => (this.texts.get(path) ?? "").slice(from);
  }

  kind(path: string): FileKind | undefined {
    if (this.texts.has(path)) return "file";
    if (this.sockets.has(path)) return "socket";
    return this.list(path).length > 0 ? "folder" : undefined;
  }

  list(path: string): string[] {
    this.#attempt(`list ${path}`);
    const inside = path === "/" ? path : `${path}/`;
    const names = new Set<string>();
    for (const one of [...this.texts.keys(), ...this.links.keys()]) {
      if (!one.startsWith(inside)) continue;
      names.add(one.slice(inside.length).split("/")[0] as string);
    }
    return [...names];
  }

  readLink(path: string): string {
    this.#attempt(`readLink ${path}`);
    const target = this.links.get(path);
    if (target === undefined) throw systemError("ENOENT");
    return target;
  }

  remove(path: string): void {
    this.#attempt(`remove ${path}`);
    this.texts.delete(path);
    this.sockets.delete(path);
  }

  rename(from: string, to: string): void {
    this.#attempt(`rename ${from}`);
    this.texts.set(to, this.texts.get(from) as string);
    this.texts.delete(from);
  }

  chmod(): void {}
}

/** A child whose test says what it does. */
export class FakeChild implements ChildProcess {
  readonly pid: number | undefined;
  readonly options: SpawnOptions;
  readonly descriptors: readonly number[];
  /** What it was sent. */
  readonly messages: { type: string }[] = [];
  readonly signals: SignalName[] = [];
  gone = false;

  constructor(pid: number | undefined, options: SpawnOptions) {
    this.pid = pid;
    this.options = options;
    this.descriptors = options.descriptors.map((_, index) => 4 + index);
  }

  send(message: unknown): boolean {
    if (!this.gone) this.messages.push(message as { type: string });
    return !this.gone;
  }

  kill(signal: SignalName): boolean {
    if (!this.gone) this.signals.push(signal);
    return !this.gone;
  }

  /** The types of what it was sent. */
  told(): string[] {
    return this.messages.map(({ type }) => type);
  }

  /** Sends a message to the arbiter. */
  say(message: unknown): void {
    this.options.onMessage(message);
  }

  /** Boots as a worker without faults does. */
  boot(): void {
    this.say({ type: "hello", runtime: "node", version: "24.0.0" });
    this.say({ type: "ready", engine: "fake", addresses: [] });
  }

  beat(given: { busy?: boolean; open?: number; oldest?: unknown } = {}): void {
    const { busy = false, open = 0, oldest = [] } = given;
    this.say({ type: "beat", requests: 7, open, busy, oldest });
  }

  exit(exit: ChildExit = { code: 0 }): void {
    this.gone = true;
    this.options.onExit(exit);
  }
}

/** A listener that remembers whether it is open. */
export interface FakeListener extends Listener {
  readonly options: ListenOptions;
  open: boolean;
}

/** An engine that serves nobody. */
export class FakeEngine implements Engine {
  readonly name = "fake";
  readonly options: EngineOptions;
  readonly opened: Source[] = [];
  readonly released: number[] = [];
  /** False for an engine that cannot. */
  releases = true;
  closed = false;
  drained = Promise.withResolvers<void>();
  draining = false;

  constructor(options: EngineOptions) {
    this.options = options;
  }

  open(source: Source): Promise<Address> {
    this.opened.push(source);
    return Promise.resolve(source.address);
  }

  release(descriptor: number): boolean {
    this.released.push(descriptor);
    return this.releases;
  }

  drain(): Promise<void> {
    this.draining = true;
    return this.drained.promise;
  }

  close(): void {
    this.closed = true;
  }
}

/** A channel to an arbiter that is the test. */
export class FakeLink implements ParentLink {
  readonly sent: { type: string }[] = [];
  receive: (message: unknown) => void = () => {};
  close: () => void = () => {};

  send(message: unknown): boolean {
    this.sent.push(message as { type: string });
    return true;
  }

  onMessage(run: (message: unknown) => void): void {
    this.receive = run;
  }

  onClose(run: () => void): void {
    this.close = run;
  }

  /** What was sent of one type. */
  of<Message>(type: string): Message[] {
    return this.sent.filter((one) => one.type === type) as Message[];
  }
}

class FakeSink implements TextSink {
  readonly terminal = false;
  text = "";

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

/** An outlet whose test says what becomes of it. */
export class FakeOutlet implements Outlet {
  readonly receiver: Receiver;
  readonly events: OutletEvents;
  /** What the system took or has yet to take. */
  readonly sent: { text: string; told(error?: Error): void }[] = [];
  /** False to leave it to the test to tell what became of a send. */
  takes = true;
  closed = false;

  constructor(receiver: Receiver, events: OutletEvents) {
    this.receiver = receiver;
    this.events = events;
  }

  send(bytes: Uint8Array, told: (error: Error | undefined) => void): void {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    this.sent.push({ text, told });
    if (this.takes) queueMicrotask(() => this.closed || told(undefined));
  }

  close(): void {
    this.closed = true;
  }

  /** All that was sent. */
  texts(): string[] {
    return this.sent.map(({ text }) => text);
  }
}

/** A whole fake machine. */
export class FakeRuntime implements Runtime {
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
  /** What a service manager was told. */
  readonly notices: string[] = [];
  uncaught: (error: unknown) => void = () => {};
  readonly #handlers = new Map<SignalName, () => void>();
  #nextPort = 40_000;
  #nextDescriptor = 20;

  title = "";
  mask = 0o022;
  identity: Identity | undefined;
  /** What `self.ppid()` says. */
  ppid = 1;
  /** Connections that wait in each queue; undefined where the system does not tell. */
  waiting: number[] | undefined;

  /** What `self.memory()` says. */
  memory = 0;

  readonly self: Self = {
    pid: 100,
    uid: 0,
    hostname: () => "host",
    umask: (mask) => void (this.mask = mask),
    ppid: () => this.ppid,
    memory: () => this.memory,
    executable: "/bin/node",
    args: [],
    start: { command: ["node", "mod.ts", "app.ts"], folder: "/srv" },
    env: () => ({ ...this.env }),
    setEnv: (name, value) => {
      if (value === undefined) delete this.env[name];
      else this.env[name] = value;
    },
    cwd: () => "/srv",
    chdir() {},
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
      this.#handlers.set(signal, run);
      return { close: () => void this.#handlers.delete(signal) };
    },
    send: () => false,
    exists: (pid: number): boolean => pid === 100 || this.pids.has(pid),
  };

  random(): number {
    return 0.5;
  }

  /** A signal to this process. */
  signal(signal: SignalName): void {
    this.#handlers.get(signal)?.();
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

  gauge(): QueueGauge {
    return { read: () => this.waiting, close() {} };
  }

  servesDescriptors(): boolean {
    return this.holdsListeners;
  }

  watch(folder: string, onChange: (name: string) => void): Closeable {
    if (this.files.kind(folder) !== "folder") throw systemError("ENOENT");
    this.watched.set(folder, onChange);
    return { close: () => void this.watched.delete(folder) };
  }

  answers(): Promise<boolean> {
    return Promise.resolve(false);
  }

  become(identity: Identity): void {
    this.identity = identity;
  }
  /** Nothing listens here: the wire engine is tested over real sockets. */
  readonly transport: Transport = {
    listen: () => Promise.reject(systemError("ENOTSUP")),
    latin1: () => "",
    byteLength: (text) => text.length,
    soon: queueMicrotask,
  };
  readonly globals = { Headers, Request, Response, fetch };
  readonly view = {};

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  peerOf(): undefined {}
  represent(_request: unknown, env: unknown): unknown {
    return env;
  }

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

  parent(): FakeLink | undefined {
    return this.link;
  }

  onUncaught(run: (error: unknown) => void): void {
    this.uncaught = run;
  }
}

/** No arbiter stands beside this one. */
export const ALONE = { predecessor: () => undefined, heir: () => undefined };

/** Lets everything that waits for a settled promise go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
