/** One connection: requests in, responses out, in order, each within its limits (RFC 9112 section 9). */
import { answerThrough } from "../../base/http/answer.ts";
import type { Finish } from "../../runtime/runtime.ts";
import type { BodyFlow } from "./body-flow.ts";
import {
  ClientFailure,
  isDeparture,
  isGivenUp,
} from "../../base/http/client-failure.ts";
import { HalfClose } from "./half-close.ts";
import type { Head } from "../h1/head.ts";
import { HeadTime } from "./head-time.ts";
import { HeldBytes } from "../h1/held-bytes.ts";
import type { Heir } from "../web/heir.ts";
import type { Host } from "./host.ts";
import {
  LATE_LINGER_MS,
  LINGER_MS,
  LingeringClose,
  UNREAD_LINGER_MS,
} from "./lingering-close.ts";
import type { Link } from "./link.ts";
import { observe } from "./observed.ts";
import { Output } from "../output/output.ts";
import { Parser } from "../h1/parser.ts";
import { refuse } from "./refuse.ts";
import { discard } from "../output/send-response.ts";
import type { Reading, Writing } from "./state.ts";
import { Transaction } from "./transaction.ts";
import type { Channel, ChannelEvents } from "../../runtime/transport.ts";
import type { Verdict } from "../h1/verdict.ts";
import { microtask } from "../../base/promise.ts";

/** Stands for a head that could not be read. */
const UNREAD = { method: "GET", minor: 1 };

const NOTHING = new Uint8Array(0);

function leftError(): ClientFailure {
  return new ClientFailure("The client ended the connection");
}

export class Connection implements ChannelEvents, Link {
  readonly host: Host;
  readonly channel: Channel;
  readonly #parser: Parser;
  readonly output: Output;
  readonly #step: Finish;
  /** The request that is read or answered. */
  #request: Transaction | undefined;
  /** There from the last answer on. */
  #lingering: LingeringClose | undefined;
  #closed = false;
  /** There once the client sends no more. */
  #halfClose: HalfClose | undefined;
  readonly #held = new HeldBytes();
  readonly #headTime: HeadTime;
  /** There once the connection is another protocol's: it gets all events. */
  #heir: Heir | undefined;
  /** What came after the head of a request to upgrade, as long as that is looked at. */
  #ahead: Uint8Array = NOTHING;
  /** True inside `#read`. */
  #inside = false;
  #paused = false;

  constructor(channel: Channel, host: Host) {
    this.host = host;
    this.channel = channel;
    this.#parser = new Parser(
      channel.secure === true ? host.secureParser : host.parser,
    );
    this.output = new Output(channel, {
      now: () => host.now(),
      clock: () => host.now() + host.lost(),
      soon: (run) => host.transport.soon(run),
      turns: host.turns,
    });
    this.#step = (response) => {
      this.#respond(response);
      return response;
    };
    this.#headTime = new HeadTime(host);
  }

  get reading(): Reading {
    if (this.#closed || this.#lingering !== undefined) return "closed";
    if (this.#heir !== undefined) return "closed";
    return this.#request === undefined ? "head" : this.#request.reading;
  }

  get writing(): Writing {
    if (this.#closed || this.#heir !== undefined) return "closed";
    if (this.#lingering !== undefined) return "end";
    return this.#request === undefined ? "idle" : this.#request.writing;
  }

  onData(bytes: Uint8Array): void {
    if (this.reading === "closed") {
      if (this.#heir !== undefined) return this.#heir.onData(bytes);
      this.#lingering?.ignore(bytes.length);
      return this.adjust();
    }
    const { lends } = this.channel;
    if (this.#held.empty) return this.#read(bytes, lends);
    this.#held.add(bytes, lends);
    this.adjust();
  }

  onDrain(): void {
    if (this.#heir !== undefined) return this.#heir.onDrain();
    this.output.move();
    if (this.#lingering !== undefined) return this.#lingering.end();
    this.#readOn();
  }

  onEnd(): void {
    if (this.#heir !== undefined) return this.#heir.onEnd();
    this.#halfClose = new HalfClose(this.output, this.host.now());
    if (this.writing === "idle") this.#shut();
    else this.#request?.leave(leftError());
  }

  onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#heir?.onClose();
    this.#request?.abandon(
      new ClientFailure("The client closed the connection"),
    );
    this.#request = undefined;
    this.output.close();
    this.host.onClose(this);
  }

  /** Lets data come, or not: nothing is read ahead beyond what is at hand. */
  adjust(): void {
    if (this.#closed || this.#heir !== undefined) return;
    const pause = this.#lingering !== undefined
      ? this.#lingering.deaf
      : this.#held.full || this.#request?.body?.paused === true;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.channel.pause();
    else this.channel.resume();
  }

  /** Ends it now. */
  cut(): void {
    if (this.#heir === undefined) this.channel.cut(true);
    else this.#heir.cut();
  }

  leaveTo(heir: Heir): Uint8Array {
    const ahead = this.#held.take() ?? this.#ahead;
    this.output.flush();
    this.#heir = heir;
    // It would be kept for as long as the other protocol is spoken.
    this.#request = undefined;
    if (this.#paused) this.channel.resume();
    this.host.onLeave(this, heir);
    // Its client ended before, which is told once the heir has begun.
    if (this.#halfClose !== undefined) microtask(() => heir.onEnd());
    return ahead;
  }

  /** Holds it to its times. */
  check(now: number): void {
    if (this.#heir !== undefined) return this.#heir.check(now);
    if (this.output.isStuck(now, this.host.limits.writeMs)) return this.cut();
    const request = this.#request;
    if (request === undefined) {
      if (this.#lingering === undefined) this.#checkHead(now);
      else this.#lingering.check(now);
    } else if (request.body?.reading === true) {
      this.#checkBody(request, request.body, now);
    } else if (this.#halfClose?.isQuiet(now) === true) {
      // Before the head of its answer is out, that is still to come.
      if (request.streams) this.cut();
      else request.exchange.abort(leftError());
    }
  }

  #checkHead(now: number): void {
    const { underway } = this.#parser;
    const { busy } = this.output;
    const { channel } = this;
    const shaking = channel.secure === true && channel.tls?.() === undefined;
    const over = this.#headTime.overdue(now, { underway, busy, shaking });
    if (over === "head") this.#refuseLate("The head took too long");
    else if (over === "idle") this.#shut(LATE_LINGER_MS);
  }

  #checkBody(request: Transaction, body: BodyFlow, now: number): void {
    if (!body.isSlow(now, this.host.limits)) return;
    if (request.reading === "rest") return this.#shut(LATE_LINGER_MS);
    this.#refuseLate("The body took too long");
  }

  /** Reads what came; `lent` bytes are another's when it returns. */
  #read(bytes: Uint8Array, lent: boolean): void {
    this.#inside = this.output.gathers = true;
    const at = this.#readFrom(bytes);
    if (at < bytes.length && this.reading !== "closed") {
      this.#held.add(bytes.subarray(at), lent);
    }
    this.#inside = this.output.gathers = false;
    this.output.flush();
    this.adjust();
  }

  /** Reads on until what follows must wait; gives how far that is. */
  #readFrom(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      const request = this.#request;
      if (request?.body?.reading === true) {
        at = this.#readBody(request, request.body, bytes, at);
      } else if (
        request !== undefined || this.output.blocked ||
        this.reading === "closed"
      ) break;
      else at = this.#readHead(bytes, at);
    }
    return at;
  }

  #readHead(bytes: Uint8Array, at: number): number {
    const parser = this.#parser;
    // To look at the clock costs as much as a whole line of the access log.
    const begun = parser.underway ? undefined : this.host.now();
    if (begun !== undefined) this.#headTime.since = begun;
    const next = parser.push(bytes, at);
    if (parser.verdict !== undefined) {
      this.#refuse(parser.verdict);
      return bytes.length;
    }
    const { head } = parser;
    if (next === -1 || head === undefined) return bytes.length;
    if (head.upgrades) this.#ahead = bytes.subarray(next);
    this.#begin(head, begun ?? this.host.now());
    this.#ahead = NOTHING;
    return next;
  }

  #readBody(
    request: Transaction,
    body: BodyFlow,
    bytes: Uint8Array,
    at: number,
  ): number {
    const next = body.read(bytes, at);
    const answered = request.writing === "idle";
    if (body.verdict !== undefined) {
      // After its answer there is nothing left to say about a request.
      if (answered) this.#shut();
      else this.#refuse(body.verdict);
      return bytes.length;
    }
    if (!answered) return next;
    if (request.reading === "done") {
      this.#request = undefined;
      this.#headTime.since = this.host.now();
    } else if (!body.spend(next - at)) {
      this.#shut();
    }
    return next;
  }

  #begin(head: Head, now: number): void {
    this.#headTime.used = true;
    this.#halfClose?.restart(now);
    const request = new Transaction(head, this, now);
    this.#request = request;
    const { exchange } = request;
    void answerThrough(
      this.host.handler,
      exchange.request as unknown as Request,
      this.channel.env(exchange),
      this.#step,
    );
  }

  #respond(response: Response): void {
    const request = this.#request;
    // The client is gone, or was answered for what it sent.
    if (request?.writing !== "awaited") return discard(response);
    const { upgrade } = request.exchange;
    if (upgrade !== undefined) return upgrade();
    const done = request.respond(response);
    if (done === undefined) return this.#complete(request);
    done.then(
      () => this.#complete(request),
      (error) => this.#fail(request, error),
    );
  }

  /** The answer was written to its end. */
  #complete(request: Transaction): void {
    if (request !== this.#request) return;
    const now = this.host.now();
    request.complete(now);
    if (request.closes) return this.#shut();
    this.#headTime.since = now;
    if (request.reading === "done") this.#request = undefined;
    else request.body?.incoming.discard();
    if (!this.#inside) this.#readOn();
  }

  /** The answer cannot be written to its end. */
  #fail(request: Transaction, error: unknown): void {
    if (request !== this.#request) return;
    const left = this.#halfClose !== undefined && isGivenUp(error);
    if (!left && !isDeparture(error)) request.report(error);
    // What is whole goes out, or nothing that could pass for it.
    if (request.replace()) this.#complete(request);
    else this.cut();
  }

  /** Goes on with what was held back. */
  #readOn(): void {
    if (this.writing !== "idle") return;
    const held = this.output.blocked ? undefined : this.#held.take();
    if (held === undefined) this.adjust();
    else this.#read(held, false);
    if (
      this.#halfClose !== undefined && this.#held.empty &&
      this.writing === "idle"
    ) this.#shut();
  }

  /** Answers what cannot be served, and closes. */
  #refuse(verdict: Verdict, lingerMs?: number): void {
    const request = this.#request;
    if (request === undefined) {
      const observed = observe(this, verdict.line, this.#headTime.since);
      refuse(this, verdict, { head: UNREAD, observed });
    } else if (request.writing === "awaited") {
      request.refuse(verdict);
    } else {
      // What was begun cannot be taken back.
      return this.cut();
    }
    this.#shut(lingerMs);
  }

  #refuseLate(reason: string): void {
    this.#refuse({ status: 408, reason }, LATE_LINGER_MS);
  }

  /** Sends the end after what was written, and listens until the client has it. */
  #shut(givenMs?: number): void {
    const body = this.#request?.body;
    const unread = body?.reading === true;
    const lingerMs = givenMs ?? (unread ? UNREAD_LINGER_MS : LINGER_MS);
    body?.stop();
    this.#request = undefined;
    this.#held.take();
    this.#lingering = new LingeringClose(this.channel, {
      output: this.output,
      lingerMs,
      now: () => this.host.now(),
      hurried: () => this.host.draining,
    });
    this.adjust();
  }
}
