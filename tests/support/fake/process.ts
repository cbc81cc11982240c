/** Processes at the other end of a channel that are the test. */
import type {
  ChildExit,
  ChildProcess,
  ParentLink,
  SignalName,
  SpawnOptions,
} from "../../../src/runtime/runtime.ts";

/** A child whose test says what it does. */
export class FakeChild implements ChildProcess {
  readonly pid: number | undefined;
  readonly options: SpawnOptions;
  readonly descriptors: readonly number[];
  /** What it was sent. */
  readonly messages: { type: string }[] = [];
  readonly signals: SignalName[] = [];
  gone = false;
  /** False to say nothing when it is told to drain. */
  closes = true;
  /** What sending it a signal fails with. */
  killFailure: Error | undefined;

  constructor(pid: number | undefined, options: SpawnOptions) {
    this.pid = pid;
    this.options = options;
    this.descriptors = options.descriptors.map((_, index) => 4 + index);
  }

  send(message: unknown): boolean {
    if (this.gone) return false;
    const { type } = message as { type: string };
    this.messages.push(message as { type: string });
    if (type === "drain" && this.closes) this.say({ type: "closed" });
    return true;
  }

  kill(signal: SignalName): boolean {
    if (this.killFailure !== undefined) throw this.killFailure;
    if (!this.gone) this.signals.push(signal);
    return !this.gone;
  }

  /** The types of what it was sent. */
  told(): string[] {
    return this.messages.map(({ type }) => type);
  }

  /** Sends a message to the arbiter. */
  say(message: unknown): void {
    this.options.onMessage(message);
  }

  /** Boots as a worker without faults does. */
  boot(): void {
    this.say({ type: "hello", runtime: "node", version: "24.0.0" });
    this.say({ type: "ready", engine: "fake", addresses: [] });
  }

  beat(given: { busy?: boolean; open?: number } = {}): void {
    const { busy = false, open = 0 } = given;
    this.say({ type: "beat", requests: 7, open, busy });
  }

  exit(exit: ChildExit = { code: 0 }): void {
    this.gone = true;
    this.options.onExit(exit);
  }
}

/** A channel to an arbiter that is the test. */
export class FakeLink implements ParentLink {
  waiting = 0;
  readonly sent: { type: string }[] = [];
  receive: (message: unknown) => void = () => {};
  close: () => void = () => {};

  send(message: unknown): boolean {
    this.sent.push(message as { type: string });
    return true;
  }

  onMessage(run: (message: unknown) => void): void {
    this.receive = run;
  }

  onClose(run: () => void): void {
    this.close = run;
  }

  /** What was sent of one type. */
  of<Message>(type: string): Message[] {
    return this.sent.filter((one) => one.type === type) as Message[];
  }
}
