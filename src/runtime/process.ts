/** This process, and those that it starts and signals. */
import type { Closeable } from "./clock.ts";

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

/** Signals in both directions. */
export interface Signals {
  /** Calls `run` on each arrival, until closed. The signal's default action is off meanwhile. */
  on(signal: SignalName, run: () => void): Closeable;
  /** Sends a signal; false when there is no such process. */
  send(pid: number, signal: SignalName): boolean;
  /** True when the process lives, even one that may not be signalled; one that ended and was not reaped is gone. */
  exists(pid: number): boolean;
}

/** The two streams that a process prints to. */
export type OutputStream = "stdout" | "stderr";

/** A stream of text that goes out: standard output or standard error. */
export interface TextSink {
  /** True when a person looks at it. */
  readonly terminal: boolean;
  /** True once a text was lost because nobody can read there any more. */
  readonly gone: boolean;
  /** Calls `run` when the reading end of a pipe is closed, where the runtime can see that without writing. Stops when closed. */
  whenGone(run: () => void): Closeable;
  /** True once a file did not take a text, as where its disk is full. */
  readonly failed?: boolean;
  /**
   * Takes a text and writes it at once, or as soon as its reader gives room;
   * false where it is lost, as a whole unless a disk is full. Never throws and
   * never waits, even when the reader is stuck or gone.
   */
  write(text: string): boolean;
  /** Waits a moment for room, then drops what still waits for it, and gives how many lines that is. */
  abandon(): number;
}

/** How a process was started. */
export interface Start {
  /** The whole command line, the runtime's program first, as it was given. */
  readonly command: readonly string[];
  /** The working folder, by the name it was entered by (`PWD`): a link may lead elsewhere by now. */
  readonly folder: string;
}

/** The user and groups of a process. */
export interface Identity {
  /** Undefined to stay the same user. */
  readonly uid: number | undefined;
  readonly gid: number;
  /** All groups, `gid` among them. */
  readonly groups: readonly number[];
}

/** What a process has used of its machine. */
export interface Usage {
  /** Milliseconds of processor time since its start. */
  readonly cpuMs: number;
  /** Milliseconds that its event loop was at work since its start; undefined where the runtime does not tell. */
  readonly busyMs: number | undefined;
  /** Resident memory, in bytes. */
  readonly rss: number;
  /** Memory of the heap that is in use, in bytes. */
  readonly heapUsed: number;
}

/** This process. */
export interface Self {
  readonly pid: number;
  /** The user it runs as; 0 is root. */
  readonly uid: number;
  /** The machine's name, see gethostname(2); empty where it may not be known. */
  hostname(): string;
  /** The parent's pid now (1 once the parent has died, unless a subreaper took this process over). */
  ppid(): number;
  /** The absolute path of the runtime's binary. */
  readonly executable: string;
  /** The module that it was started with, as the runtime tells it: a path or an address. */
  readonly program: string;
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
  usage(): Usage;
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

/** A process to start. Its channel is corn's own and speaks JSON, so any runtime may be at the other end. */
export interface SpawnOptions {
  readonly executable: string;
  readonly args: readonly string[];
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Another user to start it as; it has no group besides then. */
  readonly identity?: Pick<Identity, "uid" | "gid">;
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
  /** Takes what the child says, which may be anything; undefined is a line that is no JSON. */
  onMessage(message: unknown): void;
  /** Called once when the child sent a line that is longer than any message; the channel is closed then. */
  onOverlong?(): void;
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

/** A place in the memory of another process. */
export interface ForeignMemory {
  /** What stands there now; undefined where it cannot be read any more. */
  read(size: number): Uint8Array | undefined;
}

/** The channel from a process to the one that started it, from a worker to its arbiter. */
export interface ParentLink {
  /** Bytes that were sent and that the system has not taken yet. */
  readonly waiting: number;
  /** Sends a JSON message at once; false when the channel is gone. */
  send(message: unknown): boolean;
  onMessage(run: (message: unknown) => void): void;
  /** Called once when the channel closes: the arbiter is gone. */
  onClose(run: () => void): void;
}
