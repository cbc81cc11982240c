/** Whether a receiver takes what it is sent: when to try again, and what the log says of it. */
import { countOf } from "../base/count.ts";
import type { Closeable, Receiver, Runtime } from "../runtime/runtime.ts";
import { nameTarget } from "./receiver.ts";

/** The first wait before another try, and the longest, before jitter. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** An outlet that lived so long after it took something works. */
const PROVEN_MS = 1000;

export interface DeliveryOptions {
  readonly runtime: Pick<Runtime, "clock" | "random">;
  /** What is sent, for the log: `syslog`. */
  readonly what: string;
  /** Says that messages cannot be sent, and that they can again. */
  report(text: string): void;
}

export class DeliveryState implements Closeable {
  readonly #options: DeliveryOptions;
  readonly #receiver: () => Receiver;
  /** True from the first failure until the receiver is proven to be there. */
  #failing = false;
  #failures = 0;
  #lost = 0;
  #proof: Closeable | undefined;

  /** `receiver` gives the receiver that is used now. */
  constructor(options: DeliveryOptions, receiver: () => Receiver) {
    this.#options = options;
    this.#receiver = receiver;
  }

  /** Messages that are known not to have arrived since the log last said so. */
  get lost(): number {
    return this.#lost;
  }

  /** Counts messages that will not arrive. */
  lose(count: number): void {
    this.#lost += count;
  }

  /** Notes a failure, and gives the milliseconds to wait before another try. */
  fail(reason: string): number {
    const { what, runtime } = this.#options;
    this.#proof?.close();
    this.#proof = undefined;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    this.#failures++;
    if (!this.#failing) {
      this.#failing = true;
      const name = this.#name();
      this.#tell(`Cannot send ${what} to ${name}: ${reason}; trying again`);
    }
    return wait * (0.75 + runtime.random() / 2);
  }

  /** Notes that a message was taken: a receiver counts as there when nothing is heard of it for a while. */
  prove(): void {
    if (!this.#failing && this.#lost === 0 && this.#failures === 0) return;
    this.#proof ??= this.#options.runtime.clock.after(
      PROVEN_MS,
      () => this.#end(),
    );
  }

  #end(): void {
    const { what } = this.#options;
    this.#proof = undefined;
    this.#failures = 0;
    if (this.#failing || this.#lost > 0) {
      const again = this.#failing ? " again" : "";
      this.#tell(
        `Sending ${what} to ${this.#name()}${again}: ${this.#lostText()}`,
      );
    }
    this.#failing = false;
    this.#lost = 0;
  }

  /** Says what is lost for good. */
  close(): void {
    this.#proof?.close();
    if (this.#lost === 0) return;
    this.#tell(
      `Ended with ${this.#lostText()}: ${this.#name()} did not take them`,
    );
  }

  #tell(text: string): void {
    this.#options.report(text);
  }

  #name(): string {
    return nameTarget(this.#receiver());
  }

  #lostText(): string {
    return `${countOf(this.#lost, "message")} lost`;
  }
}
