/** One connection: requests in, responses out, in order, each within its limits (RFC 9112 section 9). */
import type { ExchangeObserver } from "../gateway/exchange.ts";
import type { RequestHandler } from "../runtime.ts";
import { IncomingBody } from "./body.ts";
import type { BodySource } from "./body.ts";
import { ClientFailure } from "./client-failure.ts";
import { Exchange } from "./exchange.ts";
import type { Informer } from "./exchange.ts";
import type { Head } from "./head.ts";
import { LightResponse } from "./light-response.ts";
import type { WireLimits } from "./limits.ts";
import { Observed } from "./observed.ts";
import { Output } from "./output.ts";
import { Parser } from "./parser.ts";
import type { ParserOptions } from "./parser.ts";
import { Pace } from "./pace.ts";
import { BodyReader } from "./reader.ts";
import { discard, send } from "./send.ts";
import type { Sending } from "./send.ts";
import type { TrailerField } from "./trailers.ts";
import type { Channel, ChannelEvents, Transport } from "./transport.ts";
import type { Verdict } from "./verdict.ts";

/** What all connections of an engine share. */
export interface Host {
  readonly handler: Pick<RequestHandler, "fetch">;
  /** Who is told of requests and responses. */
  readonly observer: ExchangeObserver | undefined;
  readonly limits: WireLimits;
  readonly parser: ParserOptions;
  readonly transport: Pick<Transport, "byteLength" | "soon">;
  readonly keepAliveMs: number;
  /** True where connections should end soon: in a drain, and while others wait for a place. */
  readonly draining: boolean;
  now(): number;
  /** The Date field's line. */
  dateLine(): string;
  report(text: string): void;
  onClose(connection: Connection): void;
}

/** How long, and for how much, a client is listened to that was told goodbye: RFC 9112 section 9.6. */
const LINGER_MS = 2000;
const LINGER_BYTES = 1024 * 1024;

/** The same for a client that had all the time it gets. */
const LATE_LINGER_MS = 250;

/** What is read of a body that the app left, to keep the connection. */
const UNREAD_BYTES = 256 * 1024;

/** The least time that a connection which was never used has in a drain. */
export const UNUSED_MS = 500;

/** Stands for a head that could not be read. */
const UNREAD = { method: "GET", minor: 1 } as Head;

export class Connection implements ChannelEvents, BodySource, Informer {
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
  #body: IncomingBody | undefined;
  /** Reads the body of this request, or of the last one. */
  #reader: BodyReader | undefined;
  /** What came after the open request. */
  #held: Uint8Array | undefined;
  #reading = false;
  #bodyPaused = false;
  #paused = false;
  /** True while the client waits for 100 Continue. */
  #continue = false;
  #closes = false;
  /** True when the client sends no more. */
  #ended = false;
  #served = false;
  /** When the connection became what it is: opened, idle, in a head, lingering. */
  #since: number;
  readonly #pace = new Pace();
  #lingerMs = LINGER_MS;
  /** Bytes that may still be read of what nobody wants. */
  #allowance = 0;

  constructor(channel: Channel, host: Host) {
    this.#host = host;
    this.#channel = channel;
    this.#parser = new Parser(host.parser);
    this.#output = new Output(channel, {
      now: () => host.now(),
      soon: (run) => host.transport.soon(run),
    });
    this.#finish = (response) => {
      this.#respond(response);
      return response;
    };
    this.#since = host.now();
  }

  onData(bytes: Uint8Array): void {
    if (this.#phase !== "open") return this.#ignore(bytes.length);
    if (this.#held === undefined) return this.#read(bytes);
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    this.#held = held;
  }

  onDrain(): void {
    this.#output.move();
    if (this.#phase === "lingering") return this.#goodbye();
    this.#readOn();
  }

  onEnd(): void {
    this.#ended = true;
    if (this.#phase !== "open") return;
    if (this.#exchange === undefined) return this.#shut();
    // Nobody can tell a client that left from one that has said all it will:
    // the app is told, and the answer is sent if there is one.
    const reason = new ClientFailure("The client ended the connection");
    this.#exchange.abort(reason);
    if (this.#reader === undefined) return;
    this.#closes = true;
    this.#reader = undefined;
    this.#body?.fail(reason);
  }

  onClose(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    const reason = new ClientFailure("The client closed the connection");
    this.#abandon(reason);
    this.#output.move();
    this.#host.onClose(this);
  }

  onWanted(): void {
    if (!this.#continue || this.#sending !== undefined) return;
    this.#continue = false;
    this.#pace.begin(this.#host.now());
    if (this.#phase !== "open") return;
    this.#output.write("HTTP/1.1 100 Continue\r\n\r\n");
    this.#output.flush();
  }

  pauseBody(): void {
    if (this.#reader === undefined) return;
    this.#bodyPaused = true;
    this.#flow();
  }

  resumeBody(): void {
    if (!this.#bodyPaused) return;
    this.#bodyPaused = false;
    this.#pace.begin(this.#host.now());
    this.#flow();
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
    const { blocked, movedAt } = this.#output;
    if (blocked && over(movedAt, limits.writeMs)) {
      return this.#channel.cut(true);
    }
    const quiet = this.#phase === "lingering" ||
      (this.#exchange === undefined && this.#reader === undefined);
    if (quiet && (blocked || this.#channel.pending() > 0)) {
      // The last answer is on its way still.
      if (over(this.#since, limits.writeMs)) this.#channel.cut(true);
      return;
    }
    if (this.#phase === "lingering") {
      if (over(this.#since, this.#lingerMs)) this.#channel.cut(false);
      return;
    }
    if (this.#reader !== undefined) return this.#checkBody(now);
    if (this.#exchange !== undefined) return;
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

  #checkBody(now: number): void {
    if (this.#bodyPaused || this.#continue) return;
    if (!this.#pace.isSlow(now, this.#host.limits)) return;
    if (this.#exchange === undefined) return this.#shut(LATE_LINGER_MS);
    this.#refuseLate("The body took too long");
  }

  #read(bytes: Uint8Array): void {
    const parser = this.#parser;
    let at = 0;
    this.#reading = this.#output.gathers = true;
    while (at < bytes.length && this.#phase === "open") {
      if (this.#reader !== undefined) {
        at = this.#readBody(this.#reader, bytes, at);
        continue;
      }
      if (this.#exchange !== undefined || this.#output.blocked) {
        this.#held = at === 0 ? bytes : bytes.subarray(at);
        break;
      }
      if (!parser.underway) this.#since = this.#host.now();
      const next = parser.push(bytes, at);
      if (parser.verdict !== undefined) {
        this.#refuse(parser.verdict);
        break;
      }
      if (next < 0) break;
      at = next;
      this.#begin(parser.head as Head);
    }
    this.#reading = this.#output.gathers = false;
    this.#output.flush();
    this.#flow();
  }

  #readBody(reader: BodyReader, bytes: Uint8Array, at: number): number {
    const next = reader.read(bytes, at);
    this.#continue = false;
    const now = this.#host.now();
    this.#pace.note(next - at, now);
    if (reader.verdict !== undefined) {
      // After its answer there is nothing left to say about a request.
      if (this.#exchange === undefined) this.#shut();
      else this.#refuse(reader.verdict);
      return bytes.length;
    }
    if (reader.done) {
      this.#reader = undefined;
      this.#bodyPaused = false;
      if (this.#exchange === undefined) this.#since = now;
    } else if (this.#exchange === undefined) {
      this.#allowance -= next - at;
      if (this.#allowance < 0) this.#shut();
    }
    return next;
  }

  #begin(head: Head): void {
    const { handler, parser } = this.#host;
    this.#head = head;
    this.#served = true;
    this.#closes = !head.keepsAlive;
    this.#body = undefined;
    if (head.framing !== "none") {
      this.#body = new IncomingBody(this);
      this.#reader = new BodyReader(head, this.#body, parser);
      this.#continue = head.expectsContinue;
      this.#pace.begin(this.#host.now());
    }
    const exchange = new Exchange({
      head,
      body: this.#body,
      channel: this.#channel,
      informer: this,
    });
    this.#exchange = exchange;
    if (this.#host.observer !== undefined) {
      this.#observed = this.#observe(this.#host.now(), exchange);
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
    if (draining || keepAliveMs === 0 || this.#continue) this.#closes = true;
    try {
      this.#sending = this.#send(response, this.#exchange.answerTrailers);
    } catch (error) {
      this.#report(error);
      this.#sending = this.#sendOwn(500, "Internal Server Error");
    }
    this.#closes = this.#sending.closes;
    const { done } = this.#sending;
    if (done === undefined) return this.#complete();
    done.then(() => this.#complete(), (error) => {
      if (this.#phase === "closed") return;
      this.#report(error);
      this.#channel.cut(true);
    });
  }

  #send(response: Response, trailers?: readonly TrailerField[]): Sending {
    const sending = send(response, {
      head: this.#head as Head,
      output: this.#output,
      closes: this.#closes,
      date: this.#host.dateLine(),
      byteLength: this.#host.transport.byteLength,
      observed: this.#observed,
      trailers,
    });
    this.#observed?.answer(response);
    if (this.#exchange !== undefined) this.#exchange.status = response.status;
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
    this.#continue = false;
    this.#since = this.#host.now();
    this.#observed?.end(this.#since, false);
    this.#observed = undefined;
    if (this.#closes) return this.#shut();
    if (this.#reader !== undefined) {
      this.#allowance = UNREAD_BYTES;
      this.#body?.discard();
    }
    if (!this.#reading) this.#readOn();
  }

  /** Goes on with what was held back. */
  #readOn(): void {
    if (this.#phase !== "open" || this.#exchange !== undefined) return;
    const held = this.#held;
    if (held !== undefined && !this.#output.blocked) {
      this.#held = undefined;
      this.#read(held);
    } else {
      this.#flow();
    }
    if (
      this.#ended && this.#held === undefined && this.#exchange === undefined &&
      this.#phase === "open"
    ) this.#shut();
  }

  /** Lets data come, or not: nothing is read ahead beyond what is at hand. */
  #flow(): void {
    if (this.#phase === "closed") return;
    const pause = this.#phase === "open" &&
      (this.#held !== undefined || this.#bodyPaused);
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#channel.pause();
    else this.#channel.resume();
  }

  #refuseLate(reason: string): void {
    this.#lingerMs = LATE_LINGER_MS;
    this.#refuse({ status: 408, reason });
  }

  /** Answers what cannot be served, and closes. */
  #refuse({ status, reason, line }: Verdict): void {
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
    observed?.end(this.#host.now(), false);
    this.#observed = undefined;
    this.#shut();
  }

  /** Shows a request to the observer, or one that could not be read. */
  #observe(
    now: number,
    request: Exchange | Verdict["line"],
  ): Observed | undefined {
    const { observer } = this.#host;
    if (observer === undefined) return undefined;
    const peer = observer.looks.peer ? this.#channel.peer() : undefined;
    return new Observed(observer, { request, peer, now });
  }

  /** Lets go of the open request. */
  #abandon(reason: Error): void {
    const exchange = this.#exchange;
    exchange?.abort(reason);
    this.#body?.fail(reason);
    this.#sending?.cancel(reason);
    exchange?.end(reason);
    this.#observed?.end(this.#host.now(), true);
    this.#exchange =
      this.#observed =
      this.#sending =
      this.#reader =
        undefined;
  }

  /** Sends the end after what was written, and listens until the client has it. */
  #shut(lingerMs: number = this.#lingerMs): void {
    this.#lingerMs = lingerMs;
    this.#phase = "lingering";
    this.#allowance = LINGER_BYTES;
    this.#held = this.#reader = undefined;
    this.#output.flush();
    this.#flow();
    if (!this.#output.blocked) this.#goodbye();
  }

  #goodbye(): void {
    this.#since = this.#host.now();
    this.#channel.end();
  }

  #ignore(size: number): void {
    this.#allowance -= size;
    if (this.#allowance < 0) this.#channel.cut(true);
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
