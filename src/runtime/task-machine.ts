/** What a client of tasks needs of the machine. */
import type { Closeable, Stream, StreamEvents } from "./runtime.ts";

export interface TaskClock {
  /** Milliseconds that no one sets back, from some moment on. */
  monotonic(): number;
  /** Calls `run` after so many milliseconds, unless closed before; does not keep the process alive. */
  after(ms: number, run: () => void): Closeable;
}

export interface ConnectEvents extends StreamEvents {
  /** In place of `onClose` where the connection was not made, with the system's code. */
  onFail(code: string): void;
}

/** A connection to a pool. */
export interface TaskStream extends Stream {
  /** Whether it keeps this process alive; it does from the start. */
  hold(on: boolean): void;
}

export interface TaskMachine {
  readonly clock: TaskClock;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  /** Connects to a unix socket; never throws. */
  connect(path: string, events: ConnectEvents): TaskStream;
  /** The module of a pool, by the config file of the working folder. @throws where there is none */
  findModule(pool: string): Promise<Readonly<Record<string, unknown>>>;
}
