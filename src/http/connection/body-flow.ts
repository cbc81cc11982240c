/** The body of one request as its connection reads it: no faster than the app takes it, no slower than the client may send it. */
import { IncomingBody } from "../web/body.ts";
import type { BodySource } from "../web/body.ts";
import type { Head } from "../h1/head.ts";
import type { Host } from "./host.ts";
import type { WireLimits } from "../h1/limits.ts";
import { Pace } from "./pace.ts";
import { BodyReader } from "./body-reader.ts";
import type { Verdict } from "../h1/verdict.ts";

/** What is read of a body that the app left, to keep the connection. */
export const UNREAD_BYTES = 256 * 1024;

/** What a body asks of its connection. */
export interface FlowKeeper {
  /** Sends 100 Continue; false where the answer has begun. */
  goOn(): boolean;
  /** Looks again whether data may come. */
  adjust(): void;
}

export class BodyFlow implements BodySource {
  /** What the app reads. */
  readonly incoming: IncomingBody;
  /** True until the last byte was read, or is wanted no more. */
  reading = true;
  /** True while the app takes no more. */
  paused = false;
  /** True while the client waits for 100 Continue. */
  waits: boolean;
  /** Bytes that may still be read once the app has left it. */
  #allowance = UNREAD_BYTES;
  readonly #reader: BodyReader;
  readonly #keeper: FlowKeeper;
  readonly #host: Host;
  readonly #pace = new Pace();

  /** `lent` says that bytes are lent, see `Channel.lends`. */
  constructor(
    head: Head,
    keeper: FlowKeeper,
    { host, lent }: { readonly host: Host; readonly lent: boolean },
  ) {
    const { length } = head;
    const { join } = host.transport;
    this.incoming = new IncomingBody(this, { length, lent, join });
    this.waits = head.expectsContinue;
    this.#reader = new BodyReader(head, this.incoming, host.parser);
    this.#keeper = keeper;
    this.#host = host;
    this.#pace.begin(this.#host.now());
  }

  /** Why the client is refused. */
  get verdict(): Verdict | undefined {
    return this.#reader.verdict;
  }

  /** How many bytes are still to come; Infinity where it is not known. */
  get left(): number {
    return this.reading ? this.#reader.left : 0;
  }

  /** Reads from `at` to the body's or the bytes' end; gives the place reached. */
  read(bytes: Uint8Array, at: number): number {
    const next = this.#reader.read(bytes, at);
    this.waits = false;
    this.#pace.note(next - at, this.#host.now());
    if (this.#reader.done && this.verdict === undefined) {
      this.reading = this.paused = false;
    }
    return next;
  }

  /** Counts bytes that were read though the app has left them; false where it is too much. */
  spend(bytes: number): boolean {
    this.#allowance -= bytes;
    return this.#allowance >= 0;
  }

  /** Reads no more. */
  stop(): void {
    this.reading = false;
  }

  /** Reads no more, and tells the app why. */
  fail(reason: Error): void {
    this.reading = false;
    this.incoming.fail(reason);
  }

  /** True where the client, which might send, was silent for too long or sends too little. */
  isSlow(now: number, limits: WireLimits): boolean {
    return !this.paused && !this.waits && this.#pace.isSlow(now, limits);
  }

  onWanted(): void {
    if (!this.waits || !this.#keeper.goOn()) return;
    this.waits = false;
    this.#pace.begin(this.#host.now());
  }

  pauseBody(): void {
    if (!this.reading) return;
    this.paused = true;
    this.#keeper.adjust();
  }

  resumeBody(): void {
    if (!this.paused) return;
    this.paused = false;
    this.#pace.begin(this.#host.now());
    this.#keeper.adjust();
  }
}
