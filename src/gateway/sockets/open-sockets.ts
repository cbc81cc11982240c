/** The WebSockets that a worker has open, and how it ends them. */
import { deferred } from "../../base/promise.ts";
import { noteSwitched } from "../../exchange/switched.ts";
import type {
  Clock,
  Closeable,
  OpenSocket,
  SocketEnd,
  SocketKeeper,
} from "../../runtime/runtime.ts";

/** A close frame's code, and its reason (RFC 6455 section 7.4). */
export interface CloseWord {
  readonly code: number;
  readonly reason: string;
}

/** Comes back soon: IANA's registry of close codes. */
export const RESTART: CloseWord = { code: 1012, reason: "Service restart" };
/** Goes away. */
export const GOING: CloseWord = { code: 1001, reason: "Going away" };

/** How long a client may take to answer a close frame. */
const ANSWER_MS = 2000;

/** Is told of WebSockets. */
export interface SocketWatcher {
  onOpen(): void;
  /** `code` is 1006 where no close frame is known of. */
  onEnd(code: number, ms: number): void;
}

export interface OpenSocketsOptions {
  readonly clock: Pick<Clock, "after" | "now">;
  /** A number from 0 up to 1. */
  random(): number;
  readonly watcher?: SocketWatcher | undefined;
}

/** One that is open. */
interface Entry {
  readonly socket: OpenSocket;
  readonly since: number;
  timer: Closeable | undefined;
  /** The code that it was ended with. */
  code: number | undefined;
}

/** Keeps WebSockets, and knows which are about to be. */
export interface HandshakeKeeper extends SocketKeeper {
  /** Counts a handshake that is under way. Gives what is to be called once it is open, or refused. */
  expect(): () => void;
}

export class OpenSockets implements HandshakeKeeper {
  readonly #options: OpenSocketsOptions;
  readonly #open = new Set<Entry>();
  #expected = 0;
  #waiters: (() => void)[] = [];
  /** When the last of them is told, once a drain has begun. */
  #drainsUntil: number | undefined;

  constructor(options: OpenSocketsOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  /** Handshakes that are under way. */
  get expected(): number {
    return this.#expected;
  }

  expect(): () => void {
    this.#expected++;
    let over = false;
    return () => {
      if (!over) this.#expected--;
      over = true;
    };
  }

  keep(socket: OpenSocket, answer: object): (end: SocketEnd) => void {
    const { clock, random, watcher } = this.#options;
    const switched = noteSwitched(answer);
    const since = clock.now();
    const entry: Entry = { socket, since, timer: undefined, code: undefined };
    this.#open.add(entry);
    watcher?.onOpen();
    if (this.#drainsUntil !== undefined) {
      const left = Math.max(0, this.#drainsUntil - since);
      this.#endIn(random() * left, entry);
    }
    return ({ code = entry.code ?? 1006, bytes }) => {
      if (!this.#open.delete(entry)) return;
      entry.timer?.close();
      watcher?.onEnd(code, clock.now() - since);
      switched.end({ status: 101, bytes });
      this.#resolveGone();
    };
  }

  /**
   * Ends each at a moment of its own within so many milliseconds, so that their
   * clients do not all come back at once. What is opened later is ended too.
   */
  drain(ms: number): void {
    if (this.#drainsUntil !== undefined) return;
    const { clock, random } = this.#options;
    this.#drainsUntil = clock.now() + ms;
    const part = ms / this.#open.size;
    let at = 0;
    for (const entry of this.#open) {
      this.#endIn((at++ + random()) * part, entry);
    }
  }

  /** Ends all of them now; resolves when they are gone, or after `ms`. */
  async close(word: CloseWord, ms: number): Promise<void> {
    for (const entry of this.#open) this.#endIn(0, entry, word);
    const late = deferred<void>();
    const timer = this.#options.clock.after(ms, late.resolve);
    await Promise.race([this.gone(), late.promise]);
    timer.close();
  }

  /** Cuts their connections. */
  cut(): void {
    for (const { socket } of this.#open) socket.cut();
  }

  gone(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.#resolveGone();
    });
  }

  #endIn(ms: number, entry: Entry, word: CloseWord = RESTART): void {
    entry.timer?.close();
    if (ms === 0) return this.#end(entry, word);
    entry.timer = this.#options.clock.after(ms, () => this.#end(entry, word));
  }

  #end(entry: Entry, { code, reason }: CloseWord): void {
    if (!this.#open.has(entry)) return;
    const { socket } = entry;
    // One that was told before is only waited for.
    if (entry.code === undefined) {
      entry.code = code;
      socket.close(code, reason);
    }
    entry.timer = this.#options.clock.after(ANSWER_MS, () => socket.cut());
  }

  #resolveGone(): void {
    if (this.#open.size > 0) return;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
