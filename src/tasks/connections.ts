/**
 * A client's connections to a pool. One whose call is over is kept for the next,
 * as long as the process at its other end has nothing else to do: that closes it
 * when another call comes to it.
 */
import type { TaskMachine, TaskStream } from "../runtime/task-machine.ts";
import { FrameReader } from "./frame.ts";
import type { Frame } from "./frame.ts";

/** What happens to the call of a connection. */
export interface ConnectionUser {
  onFrame(frame: Frame): void;
  /** The connection is of no use any more, for a reason in words. */
  onLost(why: string): void;
  /** The queue is full. */
  onRefused(): void;
}

export class Connection {
  readonly #stream: TaskStream;
  readonly #reader = new FrameReader();
  readonly #onGone: () => void;
  #user: ConnectionUser | undefined;
  #gone = false;

  constructor(
    path: string,
    machine: Pick<TaskMachine, "connect">,
    onGone: () => void,
  ) {
    this.#onGone = onGone;
    this.#stream = machine.connect(path, {
      onData: (bytes) => this.#read(bytes),
      onEnd: () => this.#lose("its process is gone"),
      onClose: () => this.#lose("its process is gone"),
      onFail: (code) => {
        if (code === "EAGAIN") this.#leave((user) => user.onRefused());
        else this.#lose(`its pool cannot be reached (${code})`);
      },
    });
  }

  /** Sends a call and tells what comes of it. */
  use(user: ConnectionUser, pieces: readonly Uint8Array[]): void {
    this.#user = user;
    for (const piece of pieces) this.#stream.write(piece);
  }

  flow(on: boolean): void {
    if (on) this.#stream.resume();
    else this.#stream.pause();
  }

  /** Tells nothing more and keeps no process alive; false where it cannot be used again. */
  rest(): boolean {
    this.#user = undefined;
    if (this.#gone || this.#reader.begun) return false;
    this.#stream.resume();
    this.#stream.hold(false);
    return true;
  }

  /** Ends the rest. */
  wake(): void {
    this.#stream.hold(true);
  }

  cut(): void {
    this.#leave(() => {});
  }

  #read(bytes: Uint8Array): void {
    if (this.#gone) return;
    try {
      for (const frame of this.#reader.push(bytes)) {
        if (this.#user === undefined) return this.cut();
        this.#user.onFrame(frame);
      }
    } catch (error) {
      this.#lose(`what came of it is no frame (${(error as Error).message})`);
    }
  }

  #lose(why: string): void {
    this.#leave((user) => user.onLost(why));
  }

  #leave(tell: (user: ConnectionUser) => void): void {
    if (this.#gone) return;
    this.#gone = true;
    const user = this.#user;
    this.#user = undefined;
    this.#stream.cut();
    this.#onGone();
    if (user !== undefined) tell(user);
  }
}

export class Connections {
  readonly #path: string;
  readonly #machine: Pick<TaskMachine, "connect">;
  readonly #resting: Connection[] = [];

  constructor(path: string, machine: Pick<TaskMachine, "connect">) {
    this.#path = path;
    this.#machine = machine;
  }

  /** The one that rests since last. */
  takeResting(): Connection | undefined {
    const found = this.#resting.pop();
    found?.wake();
    return found;
  }

  open(): Connection {
    const made: Connection = new Connection(
      this.#path,
      this.#machine,
      () => this.#forget(made),
    );
    return made;
  }

  /** Takes one back whose call is over. */
  keep(connection: Connection): void {
    if (connection.rest()) this.#resting.push(connection);
    else connection.cut();
  }

  #forget(connection: Connection): void {
    const at = this.#resting.indexOf(connection);
    if (at !== -1) this.#resting.splice(at, 1);
  }
}
