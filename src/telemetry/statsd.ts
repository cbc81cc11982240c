/**
 * Metrics on their way to statsd or DogStatsD: many in one datagram, sent when
 * it is full and a second after the first one at the latest.
 */
import { routeTo } from "../outbox/receiver.ts";
import type { Target } from "../outbox/receiver.ts";
import { Sender } from "../outbox/sender.ts";
import type { Clock, Closeable, Runtime } from "../runtime/runtime.ts";

/** Between two sendings while there is something to send. */
const INTERVAL_MS = 1000;
/** What goes through Ethernet in one piece beneath IPv6, UDP and a tunnel. */
const UDP_BYTES = 1432;
/** What DogStatsD takes of a unix datagram. */
const UNIX_BYTES = 8192;
/** How many bytes may wait while the receiver is gone: figures of old are of little use. */
const ROOM = 256 * 1024;

/** Where metrics go, and what all of them have. */
export interface StatsdOptions {
  readonly target: Target;
  readonly prefix: string;
  /** As `env:prod,team:web`. */
  readonly tags: string;
}

const encoder = new TextEncoder();

/** Counts and measures; nothing it is told costs more than a few characters. */
export class Statsd implements Closeable {
  readonly options: StatsdOptions;
  readonly #clock: Clock;
  readonly #sender: Sender;
  readonly #prefix: string;
  readonly #suffix: string;
  /** Bytes of a line beyond its characters. */
  readonly #extra: number;
  readonly #most: number;
  readonly #counters = new Map<string, number>();
  #packet = "";
  #size = 0;
  #timer: Closeable | undefined;
  #closed = false;

  /** `report` is told when the receiver is gone and when it is back. */
  constructor(
    runtime: Runtime,
    options: StatsdOptions,
    report: (text: string) => void,
  ) {
    const { target, prefix, tags } = options;
    this.options = options;
    this.#clock = runtime.clock;
    // As Gunicorn: one dot, however many are given.
    const stem = prefix.replace(/(?<!\.)\.+$/, "");
    this.#prefix = stem === "" ? "" : `${stem}.`;
    this.#suffix = tags === "" ? "" : `|#${tags}`;
    const own = this.#prefix + this.#suffix;
    this.#extra = encoder.encode(own).length - own.length;
    this.#most = target.kind === "udp" ? UDP_BYTES : UNIX_BYTES;
    this.#sender = new Sender({
      runtime,
      ...routeTo(target, runtime),
      what: "metrics",
      room: ROOM,
      report,
    });
  }

  /** Adds to a counter, which goes out as a sum. */
  count(name: string, by = 1): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + by);
    this.#plan();
  }

  /** Sets a gauge. */
  gauge(name: string, value: number): void {
    this.#put(name, value, "g");
  }

  /** Adds a value to a histogram. */
  histogram(name: string, value: number): void {
    this.#put(name, value, "h");
  }

  /** Adds milliseconds to a timer. */
  timing(name: string, ms: number): void {
    this.#put(name, Math.round(ms * 1000) / 1000, "ms");
  }

  /** Sends what there is, and resolves when it is out, when that is in vain, or after `ms`. */
  flush(ms: number): Promise<void> {
    this.#flush();
    return this.#sender.flush(ms);
  }

  close(): void {
    this.#timer?.close();
    this.#closed = true;
    this.#sender.close();
  }

  #put(name: string, value: number, type: string): void {
    const line = `${this.#prefix}${name}:${value}|${type}${this.#suffix}`;
    const size = line.length + this.#extra;
    if (this.#size + size + 1 > this.#most) this.#send();
    this.#packet = this.#size === 0 ? line : `${this.#packet}\n${line}`;
    this.#size += size + 1;
    this.#plan();
  }

  #plan(): void {
    if (this.#closed) return;
    this.#timer ??= this.#clock.after(INTERVAL_MS, () => this.#flush());
  }

  #flush(): void {
    for (const [name, sum] of this.#counters) {
      // Gunicorn writes the rate, and so what reads its metrics knows it.
      this.#put(name, sum, "c|@1.0");
    }
    this.#counters.clear();
    this.#send();
    this.#timer?.close();
    this.#timer = undefined;
  }

  #send(): void {
    if (this.#size === 0) return;
    this.#sender.send(encoder.encode(this.#packet));
    this.#size = 0;
  }
}
