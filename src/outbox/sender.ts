/**
 * Sends messages to a receiver that may be gone: what cannot go out now waits
 * for a while and up to a size, and beyond that is dropped and counted.
 */
import { codeOf } from "../base/errors.ts";
import type {
  Clock,
  Closeable,
  Outlet,
  Receiver,
  Runtime,
} from "../runtime/runtime.ts";
import { Backlog } from "./backlog.ts";
import { Lookup } from "./lookup.ts";
import { failureText } from "./failure-text.ts";
import { DeliveryState } from "./delivery-state.ts";
import type { DeliveryOptions } from "./delivery-state.ts";

/** Until a receiver that had no room is asked again. */
const ROOM_MS = 20;
/** How long an outlet may take to open or to take a piece. */
const STUCK_MS = 10_000;

export interface SenderOptions extends DeliveryOptions {
  readonly runtime: Pick<Runtime, "clock" | "random" | "dial">;
  /** The receiver; the next ones are for a socket that turns out to be of another kind. */
  readonly receivers: readonly [Receiver, ...Receiver[]];
  /** What to do where it is of none of them. */
  readonly hint?: string | undefined;
  /** How a message is written on a stream; as it is unless given. */
  frame?(message: Uint8Array): Uint8Array;
  /** The most bytes that may wait. */
  readonly room: number;
}

export class Sender implements Closeable {
  readonly #options: SenderOptions;
  readonly #clock: Clock;
  readonly #waiting: Backlog;
  readonly #delivery: DeliveryState;
  readonly #lookup: Lookup;
  #outlet: Outlet | undefined;
  #open = false;
  /** True while the outlet has a piece whose end it has not reported. */
  #sending = false;
  #closed = false;
  /** Which of the receivers is tried, by its index. */
  #index = 0;
  /** What is waited for next: a retry, room, or the end of patience. */
  #timer: Closeable | undefined;
  /** Since when the receiver has had no room. */
  #fullSince: number | undefined;
  readonly #idle: (() => void)[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#clock = options.runtime.clock;
    this.#waiting = new Backlog(options.room);
    this.#delivery = new DeliveryState(options, () => this.#receiver());
    this.#lookup = new Lookup({
      runtime: options.runtime,
      onFresh: (outlet) => this.#swap(outlet),
      onShut: (outlet, error) => {
        if (this.#outlet === outlet) this.#shut(error);
      },
    });
    this.#dial();
  }

  /** Messages that were dropped, or are known not to have arrived. */
  get lost(): number {
    return this.#delivery.lost;
  }

  /** Sends a message as soon as that can be; never throws and never waits. */
  send(message: Uint8Array): void {
    if (this.#closed) return;
    if (!this.#waiting.push(message)) this.#delivery.lose(1);
    this.#sendNext();
  }

  /** Resolves when everything has gone out, when that is in vain, or after `ms`. */
  flush(ms: number): Promise<void> {
    if (this.#closed || this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => {
      const deadline = this.#clock.after(ms, resolve);
      this.#idle.push(() => {
        deadline.close();
        resolve();
      });
      // The next try may be due only after the deadline.
      if (this.#outlet === undefined) this.#dial();
    });
  }

  /** Stops; what waits is lost and counted. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#delivery.lose(this.#waiting.count);
    this.#hangUp();
    this.#delivery.close();
    this.#endFlushes();
  }

  #receiver(): Receiver {
    return this.#options.receivers[this.#index] as Receiver;
  }

  #isIdle(): boolean {
    return this.#waiting.count === 0;
  }

  #endFlushes(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #dial(): void {
    this.#hangUp();
    this.#wait(STUCK_MS, () => this.#fail("it does not answer"));
    const outlet = this.#options.runtime.dial(this.#receiver(), {
      onOpen: () => {
        if (this.#outlet === outlet) this.#opened();
      },
      onShut: (error) => {
        if (this.#outlet === outlet) this.#shut(error);
      },
    });
    this.#outlet = outlet;
  }

  #opened(): void {
    this.#open = true;
    this.#timer?.close();
    this.#lookup.plan(this.#receiver());
    this.#sendNext();
  }

  /** Gives the outlet the next piece, if it has none. */
  #sendNext(): void {
    if (!this.#open || this.#sending || this.#waiting.count === 0) return;
    const outlet = this.#outlet as Outlet;
    const { kind } = this.#receiver();
    const stream = kind === "tcp" || kind === "unix-stream";
    const { frame = (message) => message } = this.#options;
    const { bytes, count } = stream
      ? this.#waiting.piece(frame)
      : this.#waiting.first();
    this.#sending = true;
    if (stream) this.#wait(STUCK_MS, () => this.#fail("it reads nothing"));
    outlet.send(bytes, (error) => {
      if (this.#outlet === outlet) this.#afterSend(count, error);
    });
  }

  /** The outlet took a piece, or not. */
  #afterSend(count: number, error: Error | undefined): void {
    this.#sending = false;
    this.#timer?.close();
    const fullSince = this.#fullSince;
    this.#fullSince = undefined;
    switch (error === undefined ? undefined : codeOf(error) ?? "") {
      case undefined:
        this.#waiting.drop(count);
        this.#delivery.prove();
        break;
      case "EMSGSIZE":
        this.#waiting.drop(count);
        this.#delivery.lose(count);
        break;
      case "EAGAIN":
      case "ENOBUFS":
      case "ENOMEM":
        this.#fullSince = fullSince ?? this.#clock.lived();
        if (this.#clock.lived() - this.#fullSince > STUCK_MS) {
          return this.#fail("it reads nothing");
        }
        this.#sending = true;
        return this.#wait(ROOM_MS, () => {
          this.#sending = false;
          this.#sendNext();
        });
      default:
        return this.#shut(error);
    }
    if (this.#isIdle()) this.#endFlushes();
    else this.#sendNext();
  }

  #shut(error: Error | undefined): void {
    const { receivers, hint } = this.#options;
    if (error === undefined) return this.#fail("it ended the stream");
    if (codeOf(error) !== "EPROTOTYPE") {
      // A connected socket reports the loss of a datagram that it took before.
      if (this.#open && this.#receiver().kind === "udp") this.#delivery.lose(1);
      return this.#fail(failureText(error));
    }
    if (this.#index + 1 < receivers.length) {
      this.#index++;
      return this.#dial();
    }
    this.#fail(hint ?? "the socket is of another kind");
  }

  #fail(reason: string): void {
    this.#hangUp();
    const wait = this.#delivery.fail(reason);
    this.#index = 0;
    this.#wait(wait, () => this.#dial());
    this.#endFlushes();
  }

  #wait(ms: number, run: () => void): void {
    this.#timer?.close();
    this.#timer = this.#clock.after(ms, run);
  }

  #hangUp(): void {
    this.#timer?.close();
    this.#lookup.close();
    this.#outlet?.close();
    this.#outlet = undefined;
    this.#fullSince = undefined;
    this.#open = false;
    this.#sending = false;
  }

  /** Goes on with another outlet. */
  #swap(fresh: Outlet): void {
    this.#outlet?.close();
    this.#outlet = fresh;
    // What the old one did not report goes out once more.
    this.#sending = false;
    this.#opened();
  }
}
