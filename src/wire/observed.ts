/** What an observer is shown of a request and its response. */
import type {
  Exchange as Shown,
  ExchangeObserver,
} from "../gateway/exchange.ts";
import { clientOf } from "../gateway/client.ts";
import type { Peer } from "../runtime.ts";
import type { Exchange } from "./exchange.ts";
import { WireRequest } from "./request.ts";
import type { RequestLine } from "./verdict.ts";

/** The status of a request whose client did not wait for a response, as nginx writes it. */
const CLIENT_LEFT = 499;

export class Observed implements Shown {
  readonly method: string;
  readonly target: string;
  readonly protocol: string | undefined;
  readonly startMs: number;
  status: number = CLIENT_LEFT;
  bytes = 0;
  ms = 0;
  aborted = false;
  readonly #exchange: Exchange | undefined;
  readonly #observer: ExchangeObserver;
  readonly #peer: Peer | undefined;
  #headers: Headers | undefined;

  /** Begins one; without an exchange its head could not be read, without a line not even that. */
  constructor(
    observer: ExchangeObserver,
    { exchange, line = exchange?.head, peer, now }: {
      readonly exchange?: Exchange | undefined;
      readonly line?: RequestLine | undefined;
      readonly peer: Peer | undefined;
      readonly now: number;
    },
  ) {
    this.#exchange = exchange;
    this.#observer = observer;
    this.method = line?.method ?? "";
    this.target = line?.rawTarget ?? "";
    this.protocol = line && (line.minor === 0 ? "HTTP/1.0" : "HTTP/1.1");
    this.#peer = peer;
    this.startMs = now;
    observer.onBegin?.(this);
  }

  /** The client that a trusted proxy told of, or the connection's peer. */
  get peer(): Peer | undefined {
    const peer = () => this.#peer;
    return this.#exchange === undefined
      ? peer()
      : clientOf(this.#exchange.request, peer);
  }

  requestHeader(name: string): string | undefined {
    return this.#exchange &&
      WireRequest.header(this.#exchange.request, name);
  }

  responseHeader(name: string): string | undefined {
    return this.#headers?.get(name) ?? undefined;
  }

  /** Takes the response whose head was written. */
  answer(response: Response): void {
    this.status = response.status;
    if (this.#observer.looks.responseHeaders) this.#headers = response.headers;
  }

  /** Its last byte was written, or never will be. */
  end(now: number, aborted: boolean): void {
    this.ms = now - this.startMs;
    this.aborted = aborted;
    this.#observer.onEnd(this);
  }
}
