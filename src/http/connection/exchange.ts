/** One request and its answer as a runtime's `env` and the app's context see them. */
import { deferred } from "../../base/promise.ts";
import type { IncomingBody } from "../web/body.ts";
import type { Head } from "../h1/head.ts";
import type { Heir, Legacy } from "../web/heir.ts";
import { interimHead } from "../output/response-head.ts";
import { listOf } from "../../base/http/field-list.ts";
import { WireHeaders } from "../web/headers.ts";
import type {
  ExchangeHandle,
  ExchangeWatcher,
  HeadersSource,
} from "../../runtime/exchange.ts";
import { WireRequest } from "../web/request.ts";
import { trailerFields } from "../web/trailers.ts";
import type { TrailersSource } from "../../runtime/exchange.ts";
import type { TrailerField } from "../web/trailers.ts";
import type { Channel } from "../../runtime/transport.ts";

/** What an exchange asks of its connection. */
export interface Informer {
  /** Writes an interim response; false where it is too late. */
  inform(text: string): boolean;
  /** See `WireExchange.leaveTo`. */
  leaveTo(heir: Heir): Legacy | undefined;
}

/** Of a connection that is another protocol's. */
const GONE: Informer = {
  inform: () => false,
  leaveTo: () => undefined,
};

export class WireExchange implements ExchangeHandle {
  /** Called at once, wherever the connection is: what belongs to the app must wait. */
  watcher: ExchangeWatcher | undefined;
  readonly head: Head;
  readonly request: WireRequest;
  readonly channel: Channel;
  /** The status of the answer, once its head was written. */
  status: number | undefined;
  /** True when the answer was written to its end, or never will be. */
  over = false;
  /** Called in place of an answer, where the request is to become a WebSocket. */
  upgrade: (() => void) | undefined;
  /** What the app wants to be sent after the body of the answer. */
  answerTrailers: TrailerField[] | undefined;
  readonly #body: IncomingBody | undefined;
  #informer: Informer;
  /** True once the app was told that its client is gone. */
  #left = false;
  #failure: Error | undefined;
  #completion: PromiseWithResolvers<void> | undefined;

  constructor(
    { head, body, channel, informer }: {
      readonly head: Head;
      readonly body: IncomingBody | undefined;
      readonly channel: Channel;
      readonly informer: Informer;
    },
  ) {
    this.head = head;
    this.channel = channel;
    this.#body = body;
    this.#informer = informer;
    this.request = new WireRequest(head, body, this);
  }

  /** True when the last byte of the request is here. */
  get received(): boolean {
    return this.#body === undefined || this.#body.whole;
  }

  /** True when the whole answer was written. */
  get whole(): boolean {
    return this.over && this.#failure === undefined;
  }

  /** Tells the app that its client is gone. */
  abort(reason: Error): void {
    if (this.#left) return;
    this.#left = true;
    WireRequest.abort(this.request, reason);
    this.watcher?.onLeft(reason);
  }

  /** Ends it; `failure` says why the answer is not whole. */
  end(failure?: Error): void {
    if (this.over) return;
    this.over = true;
    this.#failure = failure;
    const completion = this.#completion;
    if (failure === undefined) completion?.resolve();
    else completion?.reject(failure);
    this.watcher?.onOver();
  }

  /**
   * Lets another protocol have the connection, which answers the request by
   * itself; undefined where it has a body or is answered.
   */
  leaveTo(heir: Heir): Legacy | undefined {
    const legacy = this.#informer.leaveTo(heir);
    // What knows of the request for long, as the access log, shall not keep the
    // connection's parser and its kin.
    if (legacy !== undefined) this.#informer = GONE;
    return legacy;
  }

  /** The end of the answer; rejects where it is not whole. It need not be awaited. */
  completed(): Promise<void> {
    if (this.#completion === undefined) {
      this.#completion = deferred();
      this.#completion.promise.catch(() => {});
      if (this.#failure !== undefined) this.#completion.reject(this.#failure);
      else if (this.over) this.#completion.resolve();
    }
    return this.#completion.promise;
  }

  /** What came after the body of the request, once that is here; rejects where it will not be. */
  async trailers(): Promise<Headers> {
    await this.#body?.arrived();
    return WireHeaders.over([
      ...this.#body?.trailers ?? [],
    ]) as unknown as Headers;
  }

  /**
   * Sends 103 with these fields (RFC 8297); false where the answer has begun, or
   * to a client of HTTP/1.0, which knows no interim responses.
   * @throws TypeError for fields that are not valid
   */
  earlyHints(source: HeadersSource): boolean {
    const list = WireHeaders.list(new WireHeaders(source));
    if (this.head.minor === 0) return false;
    return this.#informer.inform(interimHead(103, list));
  }

  /**
   * Sends these fields after the body of the answer, which is sent in chunks
   * then. False where they would not be read: the answer has begun or has no
   * body, or the client did not say `TE: trailers` (RFC 9110 section 6.5.1), as
   * one of HTTP/1.0 cannot.
   * @throws TypeError for fields that no trailer may be
   */
  sendTrailers(source: TrailersSource): boolean {
    const fields = trailerFields(source);
    const { method, minor } = this.head;
    if (this.over || this.status !== undefined) return false;
    if (minor === 0 || method === "HEAD") return false;
    if (!listOf(this.head.field("te") ?? "").includes("trailers")) return false;
    (this.answerTrailers ??= []).push(...fields);
    return true;
  }
}
