/** One client of a door: requests in, answers out, one after the other, by the wire engine's own parser. */
import type { Head } from "../../http/h1/head.ts";
import { Parser } from "../../http/h1/parser.ts";
import type { ParserOptions } from "../../http/h1/parser.ts";
import type { Verdict } from "../../http/h1/verdict.ts";
import { HeldBytes } from "../../http/h1/held-bytes.ts";
import type { Stream, StreamEvents } from "../../runtime/runtime.ts";
import { Body } from "./body.ts";
import { Events } from "./events.ts";
import { judge } from "./judge.ts";
import type { DoorRules } from "./judge.ts";
import {
  HEAD_BYTES,
  IDLE_MS,
  limits,
  LINGER_MS,
  UNREAD_BYTES,
} from "./limits.ts";
import { originOf } from "./origin.ts";
import { CONTINUE, refusalOf, responseBytes } from "./response.ts";
import { Refused } from "./route.ts";
import type { EventStream, Reply } from "./route.ts";

export interface ConnectionOptions {
  readonly rules: DoorRules;
  now(): number;
  /** True where one more client may listen to events. */
  mayListen(): boolean;
  /** True where the client that asks may wait for its answer. */
  mayWait(): boolean;
  /** Says what a route failed with. */
  report(error: unknown): void;
  /** Calls `run` once others had their turn. */
  later(run: () => void): void;
  /** Is called once when the connection is gone. */
  onClose(connection: Connection): void;
}

const parserOptions: ParserOptions = {
  limits,
  latin1: (bytes, from, to) => {
    // Heads are short: all of it fits in the arguments of a call.
    return String.fromCharCode(...bytes.subarray(from, to));
  },
  origin: "http://localhost",
};

const NOTHING = new Uint8Array(0);

/** So many requests of one client are answered, then others have their turn. */
const AT_ONCE = 4;

/** What a connection is at: a request that comes, one that is answered, a rest before the next, events, or its end. */
type Phase = "reading" | "answering" | "resting" | "events" | "ending";

export class Connection implements StreamEvents {
  /** Where its client comes from; undefined on a unix socket. */
  readonly origin: string | undefined;
  readonly #stream: Stream;
  readonly #options: ConnectionOptions;
  #parser = new Parser(parserOptions);
  #phase: Phase = "reading";
  /** When the phase began, or the client last took a part of what is written. */
  #since: number;
  #pending = 0;
  /** Answers since others had their turn. */
  #answered = 0;
  #headBytes = 0;
  #body: Body | undefined;
  readonly #held = new HeldBytes();
  #paused = false;
  /** True inside `#read`. */
  #inside = false;
  #ended = false;
  #closed = false;
  #events: Events | undefined;

  constructor(stream: Stream, options: ConnectionOptions) {
    this.origin = stream.from && originOf(stream.from);
    this.#stream = stream;
    this.#options = options;
    this.#since = options.now();
  }

  /** True while it listens to events. */
  get listens(): boolean {
    return this.#phase === "events";
  }

  /** True while its client waits for an answer. */
  get answers(): boolean {
    return this.#phase === "answering";
  }

  /** True while it may ask, or waits for an answer. */
  get asks(): boolean {
    return this.#phase !== "events" && this.#phase !== "ending";
  }

  /** Since when its client keeps it waiting; undefined where it does not. */
  get idleSince(): number | undefined {
    return this.#phase === "reading" || this.#phase === "resting"
      ? this.#since
      : undefined;
  }

  /** Since when a listener has left unread what it was sent; undefined where it has not. */
  get stuckSince(): number | undefined {
    return this.#phase === "events" && this.#pending > 0 &&
        this.#stream.pending > 0
      ? this.#since
      : undefined;
  }

  /** True from its last answer on. */
  get ends(): boolean {
    return this.#phase === "ending";
  }

  onData(bytes: Uint8Array): void {
    if (this.#phase === "reading") return this.#read(bytes);
    // What a listener sends means nothing.
    if (this.#phase !== "answering" && this.#phase !== "resting") return;
    this.#held.add(bytes, false);
    this.#adjust();
  }

  /** Lets no more come while much is held. */
  #adjust(): void {
    const { full } = this.#held;
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#stream.pause();
    else this.#stream.resume();
  }

  onEnd(): void {
    this.#ended = true;
    // A request that is answered is answered to its end.
    if (this.#phase === "answering") return;
    if (this.#phase !== "ending") return this.#finish();
    if (this.#stream.pending === 0) this.#stream.cut();
  }

  onTaken(): void {
    if (this.#phase === "resting") this.#readOn();
  }

  readonly #rested = (): void => {
    this.#answered = 0;
    this.onTaken();
  };

  onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#phase = "ending";
    this.#events?.close();
    this.#options.onClose(this);
  }

  /** Holds it to its times. */
  check(now: number): void {
    const { pending } = this.#stream;
    if (pending !== this.#pending) this.#since = now;
    this.#pending = pending;
    const silent = now - this.#since;
    switch (this.#phase) {
      case "reading":
        if (silent < IDLE_MS) return;
        if (pending > 0) return this.#stream.cut();
        return this.#parser.underway || this.#body !== undefined
          ? this.#refuse(408, "slow", "The request took too long")
          : this.#finish();
      case "resting":
        if (silent >= IDLE_MS) this.#stream.cut();
        return;
      case "events":
        return this.#events?.check(now);
      case "ending":
        if (silent >= LINGER_MS) this.#stream.cut();
    }
  }

  /** Ends it, once what is answered now is answered. */
  close(): void {
    if (this.#phase === "answering") this.#ended = true;
    else if (this.#phase !== "ending") this.#finish();
  }

  /** Ends it now. */
  cut(): void {
    this.#stream.cut();
  }

  /** True while something is to be answered or sent. */
  get busy(): boolean {
    return !this.#closed &&
      (this.#phase === "answering" || this.#stream.pending > 0);
  }

  #read(bytes: Uint8Array): void {
    let at = 0;
    this.#inside = true;
    while (at < bytes.length && this.#phase === "reading") {
      if (this.#body === undefined) at = this.#readHead(bytes, at);
      else at = this.#readBody(this.#body, bytes, at);
    }
    this.#inside = false;
    // What follows a request that is answered waits for its answer.
    if (at < bytes.length) this.onData(bytes.subarray(at));
  }

  #readHead(bytes: Uint8Array, at: number): number {
    const parser = this.#parser;
    if (!parser.underway) {
      this.#since = this.#options.now();
      this.#headBytes = 0;
    }
    const next = parser.push(bytes, at);
    this.#headBytes += (next === -1 ? bytes.length : next) - at;
    if (parser.verdict !== undefined) {
      this.#refuseBy(parser.verdict);
      return bytes.length;
    }
    if (this.#headBytes > HEAD_BYTES) {
      this.#refuse(431, "head", "The head is too large");
      return bytes.length;
    }
    const { head } = parser;
    if (next === -1 || head === undefined) return bytes.length;
    if (head.framing === "none") this.#answer(head, NOTHING);
    else {
      this.#body = new Body(head, parserOptions);
      if (head.expectsContinue) this.#stream.write(CONTINUE);
    }
    return next;
  }

  #readBody(body: Body, bytes: Uint8Array, at: number): number {
    const next = body.read(bytes, at);
    if (body.verdict !== undefined) {
      this.#refuseBy(body.verdict);
      return bytes.length;
    }
    if (body.done) this.#answer(body.head, body.bytes());
    return next;
  }

  #answer(head: Head, body: Uint8Array): void {
    this.#phase = "answering";
    this.#body = undefined;
    const headOnly = head.method === "HEAD";
    const send = (reply: Reply) => {
      if (this.#closed) return;
      if ("events" in reply) return this.#listen(reply.events, headOnly);
      const closes = this.#ended || !head.keepsAlive;
      this.#stream.write(responseBytes(reply, { closes, headOnly }));
      this.#since = this.#options.now();
      if (closes) return this.#finish();
      if (++this.#answered === AT_ONCE) this.#options.later(this.#rested);
      this.#readOn();
    };
    const fail = (error: unknown) => {
      if (error instanceof Refused) {
        return send(refusalOf(error.status, error.code, error.message));
      }
      this.#options.report(error);
      send(refusalOf(500, "failed", "corn failed to answer; its log says why"));
    };
    try {
      const { route, asked } = judge(head, body, this.#options.rules);
      if (!route.atOnce && !this.#options.mayWait()) {
        throw new Refused(503, "busy", "Too many clients wait for answers");
      }
      const reply = route.answer(asked);
      if (reply instanceof Promise) void reply.then(send).catch(fail);
      else send(reply);
    } catch (error) {
      fail(error);
    }
  }

  /** Reads the next request, once the client has taken enough of its answers, which would pile up here, and others had their turn. */
  #readOn(): void {
    if (this.#answered >= AT_ONCE || this.#stream.pending > UNREAD_BYTES) {
      this.#phase = "resting";
      return;
    }
    this.#phase = "reading";
    if (this.#inside) return;
    const held = this.#held.take();
    if (held !== undefined) this.#read(held);
    this.#adjust();
  }

  #listen(begin: (stream: EventStream) => () => void, headOnly: boolean): void {
    if (!this.#options.mayListen()) {
      throw new Refused(503, "busy", "Too many clients listen to events");
    }
    this.#phase = "events";
    const { now } = this.#options;
    const events = new Events(this.#stream, {
      now: () => now(),
      onEnd: () => this.#finish(),
    });
    this.#events = events;
    this.#held.take();
    this.#adjust();
    if (headOnly || this.#ended) return this.#finish();
    events.start(begin);
  }

  #refuseBy({ status, reason }: Verdict): void {
    this.#refuse(status, "request", reason);
  }

  /** Answers what cannot be served, and ends. */
  #refuse(status: number, code: string, message: string): void {
    this.#stream.write(
      responseBytes(refusalOf(status, code, message), { closes: true }),
    );
    this.#finish();
  }

  /** Sends the end after what was written, and waits for the client's. */
  #finish(): void {
    if (this.#phase === "ending") return;
    this.#phase = "ending";
    this.#since = this.#options.now();
    this.#events?.close();
    this.#stream.end();
  }
}
