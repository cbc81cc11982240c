/** What a client of tasks needs of the machine. */
import type { Clock, Closeable, Stream, StreamEvents } from "./runtime.ts";

export interface TaskClock extends Pick<Clock, "monotonic"> {
  /** Calls `run` after so many milliseconds, unless closed before; does not keep the process alive. */
  after(ms: number, run: () => void): Closeable;
}

export interface ConnectEvents extends StreamEvents {
  /** In place of `onClose` where the connection was not made, with the system's code. */
  onFail(code: string): void;
}

export interface TaskMachine {
  readonly clock: TaskClock;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  /** Connects to a unix socket; never throws. */
  connect(path: string, events: ConnectEvents): Stream;
  /** The module of a pool, by the config file of the working folder. @throws where there is none */
  findModule(pool: string): Promise<Readonly<Record<string, unknown>>>;
}
