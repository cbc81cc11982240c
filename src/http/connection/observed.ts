/** What an observer is shown of a request and its response. */
import { CLIENT_LEFT } from "../../exchange/exchange.ts";
import type { Exchange, ExchangeObserver } from "../../exchange/exchange.ts";
import { clientOf } from "../../exchange/client.ts";
import type { Peer, TlsPeer } from "../../runtime/runtime.ts";
import { tlsOf } from "./tls-of.ts";
import { WireExchange } from "./exchange.ts";
import type { Link } from "./link.ts";
import { WireRequest } from "../web/request.ts";
import type { RequestLine } from "../h1/verdict.ts";

export class Observed implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly protocol: string | undefined;
  readonly startMs: number;
  status: number = CLIENT_LEFT;
  bytes = 0;
  ms = 0;
  aborted = false;
  readonly #exchange: WireExchange | undefined;
  readonly #observer: ExchangeObserver;
  readonly #peer: Peer | undefined;
  #headers: Headers | undefined;

  /** Begins one; of a head that could not be read there is its line, or not even that. */
  constructor(
    observer: ExchangeObserver,
    { request, peer, now }: {
      readonly request: WireExchange | RequestLine | undefined;
      readonly peer: Peer | undefined;
      readonly now: number;
    },
  ) {
    const exchange = request instanceof WireExchange ? request : undefined;
    const line = request instanceof WireExchange ? request.head : request;
    this.#exchange = exchange;
    this.#observer = observer;
    this.method = line?.method ?? "";
    this.target = line?.rawTarget ?? "";
    this.protocol = line && (line.minor === 0 ? "HTTP/1.0" : "HTTP/1.1");
    this.#peer = peer;
    this.startMs = now;
  }

  /** The client that a trusted proxy told of, or the connection's peer. */
  get peer(): Peer | undefined {
    return this.#exchange === undefined
      ? this.#peer
      : clientOf(this.#exchange.request, () => this.#peer);
  }

  get tls(): TlsPeer | undefined {
    return this.#exchange && tlsOf(this.#exchange.request);
  }

  requestHeader(name: string): string | undefined {
    return this.#exchange &&
      WireRequest.header(this.#exchange.request, name);
  }

  responseHeader(name: string): string | undefined {
    return this.#headers?.get(name) ?? undefined;
  }

  /** Takes the response whose head was written. */
  answer(response: Response, status: number): void {
    this.status = status;
    if (this.#observer.needs.responseHeaders) this.#headers = response.headers;
  }

  /** Its last byte was written, or never will be. */
  end(now: number, aborted: boolean): void {
    this.ms = now - this.startMs;
    this.aborted = aborted;
    this.#observer.onEnd(this);
  }
}

/** Shows a request to the observer, or what is known of one that could not be read. */
export function observe(
  { host, channel }: Link,
  request: WireExchange | RequestLine | undefined,
  now: number,
): Observed | undefined {
  const { observer } = host;
  if (observer === undefined) return undefined;
  const peer = observer.needs.peer ? channel.peer() : undefined;
  return new Observed(observer, { request, peer, now: now + host.lost() });
}
