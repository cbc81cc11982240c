/** A way out for messages that ends in the test. */
import type {
  Outlet,
  OutletEvents,
  Receiver,
} from "../../../src/runtime/runtime.ts";

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
