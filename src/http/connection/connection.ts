/** One connection: requests in, responses out, in order, each within its limits (RFC 9112 section 9). */
import { isBare } from "../web/own-answer.ts";
import { BodyFlow } from "./body-flow.ts";
import type { FlowKeeper } from "./body-flow.ts";
import {
  ClientFailure,
  isDeparture,
  isGivenUp,
} from "../../base/client-failure.ts";
import { Exchange } from "./exchange.ts";
import type { Informer } from "./exchange.ts";
import { Farewell, LATE_LINGER_MS, LINGER_MS } from "./lingering-close.ts";
import type { Head } from "../h1/head.ts";
import type { Host } from "./host.ts";
import { LightResponse } from "../web/light-response.ts";
import { Observed } from "./observed.ts";
import { Output } from "./output.ts";
import { Parser } from "../h1/parser.ts";
import { discard, send } from "./send-response.ts";
import type { Sending } from "./send-response.ts";
import type { TrailerField } from "../web/trailers.ts";
import type { Channel, ChannelEvents } from "../../runtime/transport.ts";
import type { Verdict } from "../h1/verdict.ts";

/** What is read of a body that the app left, to keep the connection. */
const UNREAD_BYTES = 256 * 1024;

/** What is taken of the requests behind the open one, so that the end behind them is seen. */
const HELD_BYTES = 16 * 1024;

/** How long a stream may be quiet for a client that sends no more. */
const QUIET_MS = 1000;

/** The least time that a connection which was never used has in a drain. */
export const UNUSED_MS = 500;

/** Stands for a head that could not be read. */
const UNREAD = { method: "GET", minor: 1 } as Head;

function leftError(): ClientFailure {
  return new ClientFailure("The client ended the connection");
}

export class Connection implements ChannelEvents, FlowKeeper, Informer {
  readonly #host: Host;
  readonly #channel: Channel;
  readonly #parser: Parser;
  readonly #output: Output;
  readonly #finish: (response: Response) => Response;
  #phase: "open" | "lingering" | "closed" = "open";
  /** The request that is not answered to its end. */
  #exchange: Exchange | undefined;
  /** The same request as its observer sees it, where there is one. */
  #observed: Observed | undefined;
  #head: Head | undefined;
  #sending: Sending | undefined;
  /** The body of this request, or of the last one, where it has one. */
  #body: BodyFlow | undefined;
  /** What is done while the client reads the last of its answers. */
  #farewell: Farewell | undefined;
  /** What came after the open request. */
  #held: Uint8Array | undefined;
  #reading = false;
  #paused = false;
  #closes = false;
  /** True when the client sends no more. */
  #ended = false;
  /** When it did, or the stream that it reads was last seen to flow. */
  #flowedAt = 0;
  /** How much was written then. */
  #flow = 0;
  #served = false;
  /** When the connection became what it is: opened, idle, in a head. */
  #since: number;
  /** Bytes that may still be read of a body that the app left. */
  #allowance = 0;

  constructor(channel: Channel, host: Host) {
    this.#host = host;
    this.#channel = channel;
    this.#parser = new Parser(host.parser);
    this.#output = new Output(channel, {
      now: () => host.now(),
      soon: (run) => host.transport.soon(run),
      turns: host.turns,
    });
    this.#finish = (response) => {
      this.#respond(response);
      return response;
    };
    this.#since = host.now();
  }

  onData(bytes: Uint8Array): void {
    if (this.#phase !== "open") {
      this.#farewell?.ignore(bytes.length);
      return this.adjust();
    }
    if (this.#held === undefined) return this.#read(bytes, this.#channel.lends);
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    this.#held = held;
    this.adjust();
  }

  onDrain(): void {
    this.#output.move();
    if (this.#farewell !== undefined) return this.#farewell.end();
    this.#readOn();
  }

  onEnd(): void {
    this.#ended = true;
    if (this.#phase !== "open") return;
    if (this.#exchange === undefined) return this.#shut();
    this.#noteFlow(this.#host.now());
    // Nobody can tell a client that left from one that has said all it will:
    // the app is told, and the answer is sent if there is one. What flows
    // already goes on, see `#checkFlow`.
    const reason = leftError();
    if (this.#sending === undefined) this.#exchange.abort(reason);
    if (this.#body?.reading !== true) return;
    this.#closes = true;
    this.#body.fail(reason);
  }

  onClose(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    if (this.#exchange !== undefined || this.#body?.reading === true) {
      this.#abandon(new ClientFailure("The client closed the connection"));
    }
    this.#output.close();
    this.#host.onClose(this);
  }

  goOn(): boolean {
    if (this.#sending !== undefined) return false;
    if (this.#phase === "open") {
      this.#output.write("HTTP/1.1 100 Continue\r\n\r\n");
      this.#output.flush();
    }
    return true;
  }

  /** Lets data come, or not: nothing is read ahead beyond what is at hand. */
  adjust(): void {
    if (this.#phase === "closed") return;
    const pause = this.#phase === "open"
      ? (this.#held?.length ?? 0) >= HELD_BYTES || this.#body?.paused === true
      : this.#farewell?.deaf === true;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#channel.pause();
    else this.#channel.resume();
  }

  inform(exchange: Exchange, text: string): boolean {
    if (exchange !== this.#exchange || this.#sending !== undefined) {
      return false;
    }
    this.#output.write(text);
    this.#output.flush();
    return true;
  }

  /** Ends it now. */
  cut(): void {
    this.#channel.cut(true);
  }

  /** Holds it to its times. */
  check(now: number): void {
    const { limits, keepAliveMs, draining } = this.#host;
    const over = (since: number, ms: number) => ms > 0 && now - since >= ms;
    if (this.#output.isStuck(now, limits.writeMs)) {
      return this.#channel.cut(true);
    }
    if (this.#farewell !== undefined) return this.#farewell.check(now);
    if (this.#body?.reading === true) return this.#checkBody(now, this.#body);
    if (this.#exchange !== undefined) {
      return this.#ended ? this.#checkFlow(now, this.#exchange) : undefined;
    }
    if (this.#output.busy) {
      // The last answer is on its way still: its client is not idle.
      if (!this.#parser.underway) this.#since = now;
      return;
    }
    if (this.#parser.underway) {
      if (over(this.#since, limits.headerMs)) {
        this.#refuseLate("The head took too long");
      }
      return;
    }
    const ms = this.#served
      ? keepAliveMs
      : draining
      ? Math.max(keepAliveMs, UNUSED_MS)
      : limits.headerMs;
    if (over(this.#since, ms)) this.#shut(LATE_LINGER_MS);
  }

  /** A client that sends no more and for which nothing comes has left, or cannot be told from one that has. */
  #checkFlow(now: number, exchange: Exchange): void {
    const { writes, busy } = this.#output;
    if (busy || writes !== this.#flow) this.#noteFlow(now);
    if (now - this.#flowedAt < QUIET_MS) return;
    // Before the head of its answer is out, that is still to come.
    if (this.#sending?.streams === true) this.#channel.cut(true);
    else exchange.abort(leftError());
  }

  #noteFlow(now: number): void {
    this.#flowedAt = now;
    this.#flow = this.#output.writes;
  }

  #checkBody(now: number, body: BodyFlow): void {
    if (!body.isSlow(now, this.#host.limits)) return;
    if (this.#exchange === undefined) return this.#shut(LATE_LINGER_MS);
    this.#refuseLate("The body took too long");
  }

  /** `lent` bytes are another's when it returns. */
  #read(bytes: Uint8Array, lent: boolean): void {
    const parser = this.#parser;
    let at = 0;
    this.#reading = this.#output.gathers = true;
    while (at < bytes.length && this.#phase === "open") {
      if (this.#body !== undefined && this.#body.reading) {
        at = this.#readBody(this.#body, bytes, at);
        continue;
      }
      if (this.#exchange !== undefined || this.#output.blocked) {
        const held = at === 0 ? bytes : bytes.subarray(at);
        this.#held = lent ? new Uint8Array(held) : held;
        break;
      }
      // To look at the clock costs as much as a whole line of the access log.
      const begun = parser.underway ? undefined : this.#host.now();
      if (begun !== undefined) this.#since = begun;
      const next = parser.push(bytes, at);
      if (parser.verdict !== undefined) {
        this.#refuse(parser.verdict);
        break;
      }
      if (next < 0) break;
      at = next;
      this.#begin(parser.head as Head, begun ?? this.#host.now());
    }
    this.#reading = this.#output.gathers = false;
    this.#output.flush();
    this.adjust();
  }

  #readBody(body: BodyFlow, bytes: Uint8Array, at: number): number {
    const next = body.read(bytes, at);
    if (body.verdict !== undefined) {
      // After its answer there is nothing left to say about a request.
      if (this.#exchange === undefined) this.#shut();
      else this.#refuse(body.verdict);
      return bytes.length;
    }
    if (this.#exchange !== undefined) return next;
    if (body.reading) {
      this.#allowance -= next - at;
      if (this.#allowance < 0) this.#shut();
    } else {
      this.#since = this.#host.now();
    }
    return next;
  }

  #begin(head: Head, now: number): void {
    const { handler } = this.#host;
    this.#head = head;
    this.#served = true;
    this.#closes = !head.keepsAlive;
    this.#body = head.framing === "none"
      ? undefined
      : new BodyFlow(head, this, {
        host: this.#host,
        lent: this.#channel.lends,
      });
    const exchange = new Exchange({
      head,
      body: this.#body?.incoming,
      channel: this.#channel,
      informer: this,
    });
    this.#exchange = exchange;
    if (this.#ended) this.#noteFlow(now);
    if (this.#host.observer !== undefined) {
      this.#observed = this.#observe(now, exchange);
    }
    const answer = handler.fetch(
      exchange.request as unknown as Request,
      this.#channel.env(exchange),
      this.#finish,
    );
    if (!(answer instanceof Promise)) this.#respond(answer);
  }

  #respond(response: Response): void {
    // The client is gone, or was answered for what it sent.
    if (this.#exchange === undefined || this.#sending !== undefined) {
      return discard(response);
    }
    const { keepAliveMs, draining } = this.#host;
    // A client that was never told to go on may send its body or not.
    if (draining || keepAliveMs === 0 || this.#body?.waits === true) {
      this.#closes = true;
    }
    try {
      const trailers = this.#exchange.answerTrailers;
      this.#sending = trailers === undefined || isBare(response)
        ? this.#send(response)
        : this.#send(response, trailers);
    } catch (error) {
      this.#report(error);
      this.#sending = this.#sendOwn(500, "Internal Server Error");
    }
    this.#closes = this.#sending.closes;
    const { done } = this.#sending;
    if (done === undefined) return this.#complete();
    const sending = this.#sending;
    done.then(() => this.#complete(), (error) => {
      if (this.#phase === "closed") return;
      const left = this.#ended && isGivenUp(error);
      if (!left && !isDeparture(error)) this.#report(error);
      // What is whole goes out, or nothing that could pass for it.
      if (sending !== this.#sending || sending.retract?.() !== true) {
        return this.#channel.cut(true);
      }
      this.#sending = this.#sendOwn(500, "Internal Server Error");
      this.#complete();
    });
  }

  #send(response: Response, trailers?: readonly TrailerField[]): Sending {
    // More comes than is read to keep the connection.
    const unread = this.#body !== undefined && this.#body.left > UNREAD_BYTES;
    const sending = send(response, {
      head: this.#head as Head,
      output: this.#output,
      closes: this.#closes ||
        (unread && this.#body?.incoming.unwanted === true),
      closesWhole: unread,
      date: this.#host.dateLine(),
      byteLength: this.#host.transport.byteLength,
      fileSize: this.#host.transport.fileSize,
      observed: this.#observed,
      trailers,
    });
    const { status = response.status } = sending;
    this.#observed?.answer(response, status);
    if (this.#exchange !== undefined) this.#exchange.status = status;
    return sending;
  }

  /** An answer that is no app's. */
  #sendOwn(status: number, reason: string): Sending {
    const headers = { "content-type": "text/plain" };
    const response = new LightResponse(`${reason}\n`, { status, headers });
    return this.#send(response as unknown as Response);
  }

  /** The response was written to its end. */
  #complete(): void {
    if (this.#phase !== "open" || this.#exchange === undefined) return;
    this.#exchange.end();
    this.#exchange = this.#sending = undefined;
    this.#since = this.#host.now();
    this.#observed?.end(this.#since + this.#host.lost(), false);
    this.#observed = undefined;
    if (this.#closes) return this.#shut();
    if (this.#body?.reading === true) {
      this.#allowance = UNREAD_BYTES;
      this.#body.incoming.discard();
    }
    if (!this.#reading) this.#readOn();
  }

  /** Goes on with what was held back. */
  #readOn(): void {
    if (this.#phase !== "open" || this.#exchange !== undefined) return;
    const held = this.#held;
    if (held !== undefined && !this.#output.blocked) {
      this.#held = undefined;
      this.#read(held, false);
    } else {
      this.adjust();
    }
    if (
      this.#ended && this.#held === undefined && this.#exchange === undefined &&
      this.#phase === "open"
    ) this.#shut();
  }

  #refuseLate(reason: string): void {
    this.#refuse({ status: 408, reason }, LATE_LINGER_MS);
  }

  /** Answers what cannot be served, and closes. */
  #refuse({ status, reason, line }: Verdict, lingerMs?: number): void {
    // What was begun cannot be taken back.
    if (this.#sending !== undefined) return this.#channel.cut(true);
    // The head before this one says nothing about it.
    if (this.#exchange === undefined) this.#head = UNREAD;
    const observed = this.#observed ?? this.#observe(this.#since, line);
    this.#observed = undefined;
    this.#abandon(new ClientFailure(reason));
    this.#closes = true;
    this.#observed = observed;
    this.#sendOwn(status, reason);
    observed?.end(this.#host.now() + this.#host.lost(), false);
    this.#observed = undefined;
    this.#shut(lingerMs);
  }

  /** Shows a request to the observer, or one that could not be read. */
  #observe(
    now: number,
    request: Exchange | Verdict["line"],
  ): Observed | undefined {
    const { observer } = this.#host;
    if (observer === undefined) return undefined;
    const peer = observer.looks.peer ? this.#channel.peer() : undefined;
    return new Observed(observer, {
      request,
      peer,
      now: now + this.#host.lost(),
    });
  }

  /** Lets go of the open request. */
  #abandon(reason: Error): void {
    const exchange = this.#exchange;
    exchange?.abort(reason);
    this.#body?.fail(reason);
    this.#sending?.cancel(reason);
    exchange?.end(reason);
    this.#observed?.end(this.#host.now() + this.#host.lost(), true);
    this.#exchange = this.#observed = this.#sending = undefined;
  }

  /** Sends the end after what was written, and listens until the client has it. */
  #shut(lingerMs: number = LINGER_MS): void {
    this.#phase = "lingering";
    this.#held = undefined;
    this.#body?.stop();
    this.#farewell = new Farewell(this.#channel, {
      output: this.#output,
      lingerMs,
      now: () => this.#host.now(),
      hurried: () => this.#host.draining,
    });
    this.adjust();
  }

  #report(error: unknown): void {
    const { method, target } = this.#head as Head;
    const path = target.path.split("?")[0];
    const { message } = error instanceof Error
      ? error
      : { message: String(error) };
    this.#host.report(`Response to ${method} ${path} failed: ${message}`);
  }
}
