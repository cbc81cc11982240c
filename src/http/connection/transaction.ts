/** One request of a connection: it begins with its head, and ends once its body was read and its answer written. */
import { BodyFlow, UNREAD_BYTES } from "./body-flow.ts";
import type { FlowKeeper } from "./body-flow.ts";
import { ClientFailure } from "../../base/http/client-failure.ts";
import { WireExchange } from "./exchange.ts";
import type { Informer } from "./exchange.ts";
import type { Head } from "../h1/head.ts";
import type { Heir, Legacy } from "../web/heir.ts";
import { isOwnAnswer } from "../web/own-answer.ts";
import type { Link } from "./link.ts";
import { observe } from "./observed.ts";
import type { Observed } from "./observed.ts";
import { ownResponse, refuse } from "./refuse.ts";
import { sendResponse } from "../output/send-response.ts";
import type { Sending } from "../output/send-response.ts";
import type { Reading, Writing } from "./state.ts";
import type { TrailerField } from "../web/trailers.ts";
import type { Verdict } from "../h1/verdict.ts";

export class Transaction implements FlowKeeper, Informer {
  readonly body: BodyFlow | undefined;
  readonly exchange: WireExchange;
  /** True where the connection ends after it. */
  closes: boolean;
  readonly #link: Link;
  #observed: Observed | undefined;
  #sending: Sending | undefined;
  /** True when the answer was written to its end, or never will be. */
  #over = false;

  constructor(head: Head, link: Link, now: number) {
    const { host, channel } = link;
    this.#link = link;
    this.closes = !head.keepsAlive;
    this.body = head.framing === "none"
      ? undefined
      : new BodyFlow(head, this, { host, lent: channel.lends });
    this.exchange = new WireExchange({
      head,
      body: this.body?.incoming,
      channel,
      informer: this,
    });
    if (host.observer !== undefined) {
      this.#observed = observe(link, this.exchange, now);
    }
  }

  get reading(): Extract<Reading, "body" | "rest" | "done"> {
    if (this.body?.reading !== true) return "done";
    return this.#over ? "rest" : "body";
  }

  get writing(): Extract<Writing, "idle" | "awaited" | "answer"> {
    if (this.#over) return "idle";
    return this.#sending === undefined ? "awaited" : "answer";
  }

  /** True while a stream of the app's is sent. */
  get streams(): boolean {
    return this.#sending?.streams === true;
  }

  goOn(): boolean {
    return this.inform("HTTP/1.1 100 Continue\r\n\r\n");
  }

  inform(text: string): boolean {
    if (this.writing !== "awaited") return false;
    const { output } = this.#link;
    output.write(text);
    output.flush();
    return true;
  }

  adjust(): void {
    this.#link.adjust();
  }

  leaveTo(heir: Heir): Legacy | undefined {
    if (this.writing !== "awaited" || this.body !== undefined) return undefined;
    const { host } = this.#link;
    const observed = this.#observed;
    const head = this.#link.leaveTo(heir);
    this.#over = true;
    // The messages that were made of it are in use on.
    this.exchange.watcher = undefined;
    this.exchange.end();
    return {
      head,
      end({ status, bytes = 0 }) {
        if (observed === undefined) return;
        observed.status = status;
        observed.bytes = bytes;
        observed.end(host.now() + host.lost(), false);
      },
    };
  }

  /** The client sends no more. */
  leave(reason: Error): void {
    // It may have left or said all that it will: the app is told, and its answer
    // is sent if there is one. What flows already goes on.
    if (this.writing === "awaited") this.exchange.abort(reason);
    if (this.reading !== "body") return;
    this.closes = true;
    this.body?.fail(reason);
  }

  /** Begins to send the app's response; gives the end of the sending where that is later. */
  respond(response: Response): Promise<void> | undefined {
    const { keepAliveMs, draining } = this.#link.host;
    // A client that was never told to go on may send its body or not.
    if (draining || keepAliveMs === 0 || this.body?.waits === true) {
      this.closes = true;
    }
    try {
      const trailers = this.exchange.answerTrailers;
      if (trailers === undefined || isOwnAnswer(response)) {
        return this.#send(response);
      }
      return this.#send(response, trailers);
    } catch (error) {
      this.report(error);
      return this.#sendFailure();
    }
  }

  /** Answers 500 for a response that failed; false where something of that is out. */
  replace(): boolean {
    if (this.#sending?.retract?.() !== true) return false;
    this.#sendFailure();
    return true;
  }

  /** The answer was written to its end. */
  complete(now: number): void {
    this.#over = true;
    this.exchange.end();
    this.#observed?.end(now + this.#link.host.lost(), false);
  }

  /** Answers what cannot be served, in place of the app. */
  refuse(verdict: Verdict): void {
    const observed = this.#observed;
    this.#observed = undefined;
    this.abandon(new ClientFailure(verdict.reason));
    refuse(this.#link, verdict, { head: this.exchange.head, observed });
  }

  /** Lets go of it, and of the rest of its body. */
  abandon(reason: Error): void {
    const answered = this.#over;
    this.#over = true;
    if (!answered) this.exchange.abort(reason);
    this.body?.fail(reason);
    if (answered) return;
    this.#sending?.cancel(reason);
    this.exchange.end(reason);
    const { host } = this.#link;
    this.#observed?.end(host.now() + host.lost(), true);
  }

  /** Logs why its answer failed. */
  report(error: unknown): void {
    const { method, target } = this.exchange.head;
    const path = target.path.split("?")[0];
    const { message } = error instanceof Error
      ? error
      : { message: String(error) };
    this.#link.host.report(`Response to ${method} ${path} failed: ${message}`);
  }

  #send(
    response: Response,
    trailers?: readonly TrailerField[],
  ): Promise<void> | undefined {
    const { host, output } = this.#link;
    const { body } = this;
    // More comes than is read to keep the connection.
    const unread = body !== undefined && body.left > UNREAD_BYTES;
    const sending = sendResponse(response, {
      head: this.exchange.head,
      output,
      closes: this.closes || (unread && body.incoming.unwanted),
      closesWhole: unread,
      date: host.dateLine(),
      byteLength: host.transport.byteLength,
      fileSize: host.transport.fileSize,
      observed: this.#observed,
      trailers,
    });
    const { status = response.status } = sending;
    this.#sending = sending;
    this.closes = sending.closes;
    this.exchange.status = status;
    this.#observed?.answer(response, status);
    return sending.done;
  }

  #sendFailure(): Promise<void> | undefined {
    return this.#send(ownResponse(500, "Internal Server Error"));
  }
}
