/**
 * Sends messages to a receiver that may be gone: what cannot go out now waits
 * for a while and up to a size, and beyond that is dropped and counted.
 */
import { codeOf, messageOf } from "../errors.ts";
import type {
  Clock,
  Closeable,
  Outlet,
  Receiver,
  Runtime,
} from "../runtime.ts";
import { Backlog } from "./backlog.ts";
import { isName, nameTarget } from "./receiver.ts";

/** The first wait before another try, and the longest, before jitter. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** An outlet that lived so long after it took something works. */
const PROVEN_MS = 1000;
/** Until a receiver that had no room is asked again. */
const ROOM_MS = 20;
/** How long an outlet may take to open or to take a piece. */
const STUCK_MS = 10_000;
/** Between two looks whether a name leads elsewhere: datagrams go to an address, whoever has the name by now. */
const LOOKUP_MS = 60_000;

export interface SenderOptions {
  readonly runtime: Pick<Runtime, "clock" | "random" | "dial">;
  /** Who receives; the next ones are for a socket that turns out to be of another kind. */
  readonly receivers: readonly [Receiver, ...Receiver[]];
  /** What to do where it is of none of them. */
  readonly hint?: string | undefined;
  /** What is sent, for the log: `syslog`. */
  readonly what: string;
  /** How a message is written on a stream; as it is unless given. */
  frame?(message: Uint8Array): Uint8Array;
  /** The most bytes that may wait. */
  readonly room: number;
  /** Says that messages cannot be sent, and that they can again. */
  report(text: string): void;
}

export class Sender implements Closeable {
  readonly #options: SenderOptions;
  readonly #clock: Clock;
  readonly #waiting: Backlog;
  #outlet: Outlet | undefined;
  #open = false;
  /** True while the outlet has a piece that it has not told of. */
  #sending = false;
  #closed = false;
  /** True from the first failure until the receiver is proven to be there. */
  #failing = false;
  #failures = 0;
  #turn = 0;
  /** Messages that are known not to have arrived since the log last said so. */
  #lost = 0;
  /** What is waited for next: a retry, room, or the end of patience. */
  #timer: Closeable | undefined;
  #proof: Closeable | undefined;
  /** Since when the receiver has had no room. */
  #fullSince: number | undefined;
  #lookup: Closeable | undefined;
  #fresh: Outlet | undefined;
  readonly #idle: (() => void)[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#clock = options.runtime.clock;
    this.#waiting = new Backlog(options.room);
    this.#dial();
  }

  /** Messages that were dropped, or that nobody took, as far as it is known. */
  get lost(): number {
    return this.#lost;
  }

  /** Sends a message as soon as that can be; never throws and never waits. */
  send(message: Uint8Array): void {
    if (this.#closed) return;
    if (!this.#waiting.push(message)) this.#lost++;
    this.#pump();
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
      // Who waits for a retry waits too long now.
      if (this.#outlet === undefined) this.#dial();
    });
  }

  /** Stops; what waits is lost and counted. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lost += this.#waiting.count;
    this.#hangUp();
    this.#proof?.close();
    if (this.#lost > 0) {
      const name = nameTarget(this.#receiver());
      this.#tell(`Ended with ${this.#lostText()}: ${name} did not take them`);
    }
    this.#settle();
  }

  #receiver(): Receiver {
    return this.#options.receivers[this.#turn] as Receiver;
  }

  #isIdle(): boolean {
    return this.#waiting.count === 0;
  }

  #settle(): void {
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
    this.#planLookup();
    this.#pump();
  }

  /** Gives the outlet the next piece, if it has none. */
  #pump(): void {
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
      if (this.#outlet === outlet) this.#told(count, error);
    });
  }

  /** The outlet took a piece, or not. */
  #told(count: number, error: Error | undefined): void {
    this.#sending = false;
    this.#timer?.close();
    const fullSince = this.#fullSince;
    this.#fullSince = undefined;
    switch (error === undefined ? undefined : codeOf(error) ?? "") {
      case undefined:
        this.#waiting.drop(count);
        this.#prove();
        break;
      case "EMSGSIZE":
        this.#waiting.drop(count);
        this.#lost += count;
        break;
      case "EAGAIN":
      case "ENOBUFS":
      case "ENOMEM":
        this.#fullSince = fullSince ?? this.#clock.now();
        if (this.#clock.now() - this.#fullSince > STUCK_MS) {
          return this.#fail("it reads nothing");
        }
        this.#sending = true;
        return this.#wait(ROOM_MS, () => {
          this.#sending = false;
          this.#pump();
        });
      default:
        return this.#shut(error);
    }
    if (this.#isIdle()) this.#settle();
    else this.#pump();
  }

  #shut(error: Error | undefined): void {
    const { receivers, hint } = this.#options;
    if (error === undefined) return this.#fail("it ended the stream");
    if (codeOf(error) !== "EPROTOTYPE") {
      // What a connected socket tells of is a datagram that it took before.
      if (this.#open && this.#receiver().kind === "udp") this.#lost++;
      return this.#fail(reasonOf(error));
    }
    if (this.#turn + 1 < receivers.length) {
      this.#turn++;
      return this.#dial();
    }
    this.#fail(hint ?? "the socket is of another kind");
  }

  #fail(reason: string): void {
    const name = nameTarget(this.#receiver());
    this.#hangUp();
    this.#proof?.close();
    this.#proof = undefined;
    this.#turn = 0;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    const { what, runtime } = this.#options;
    this.#failures++;
    this.#wait(wait * (0.75 + runtime.random() / 2), () => this.#dial());
    if (!this.#failing) {
      this.#failing = true;
      this.#tell(`Cannot send ${what} to ${name}: ${reason}; trying again`);
    }
    this.#settle();
  }

  /** A receiver counts as there when nothing is heard for a while of what it was sent. */
  #prove(): void {
    if (!this.#failing && this.#lost === 0 && this.#failures === 0) return;
    this.#proof ??= this.#clock.after(PROVEN_MS, () => {
      this.#proof = undefined;
      this.#failures = 0;
      if (this.#failing || this.#lost > 0) {
        const { what } = this.#options;
        this.#tell(
          `Sending ${what} to ${nameTarget(this.#receiver())}${
            this.#failing ? " again" : ""
          }: ${this.#lostText()}`,
        );
      }
      this.#failing = false;
      this.#lost = 0;
    });
  }

  #lostText(): string {
    return this.#lost === 1 ? "1 message lost" : `${this.#lost} messages lost`;
  }

  #tell(text: string): void {
    this.#options.report(text);
  }

  #wait(ms: number, run: () => void): void {
    this.#timer?.close();
    this.#timer = this.#clock.after(ms, run);
  }

  #hangUp(): void {
    this.#timer?.close();
    this.#lookup?.close();
    this.#fresh?.close();
    this.#outlet?.close();
    this.#outlet = undefined;
    this.#fresh = undefined;
    this.#fullSince = undefined;
    this.#open = false;
    this.#sending = false;
  }

  /** Opens another outlet beside the one there is; where that fails, the old one goes on. */
  #planLookup(): void {
    const receiver = this.#receiver();
    if (receiver.kind !== "udp" || !isName(receiver.host)) return;
    this.#lookup?.close();
    this.#lookup = this.#clock.after(LOOKUP_MS, () => {
      this.#fresh?.close();
      const fresh = this.#options.runtime.dial(receiver, {
        onOpen: () => {
          if (this.#fresh === fresh) this.#swap(fresh);
        },
        onShut: (error) => {
          if (this.#outlet === fresh) this.#shut(error);
        },
      });
      this.#fresh = fresh;
      this.#planLookup();
    });
  }

  #swap(fresh: Outlet): void {
    this.#outlet?.close();
    this.#outlet = fresh;
    this.#fresh = undefined;
    // What the old one did not tell of goes out once more.
    this.#sending = false;
    this.#opened();
  }
}

function reasonOf(error: Error): string {
  switch (codeOf(error)) {
    case "EPIPE":
    case "ECONNRESET":
      return "it ended the stream";
    case "ECONNREFUSED":
      return "nobody listens there";
    case "ENOENT":
      return "there is no such socket";
    case "EACCES":
      return "permission denied";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the name is not found";
    default:
      return messageOf(error);
  }
}
