/** An exchange over the messages of `node:http`. */
import { notedHandshake } from "../../base/http/noted-handshake.ts";
import { tlsPeer } from "../../http/tls/peer.ts";
import type { Peer, TlsPeer } from "../../runtime/runtime.ts";
import type { Exchange } from "../../exchange/exchange.ts";
import type { ExchangeOptions } from "./exchange-options.ts";
import { bodiless, CLIENT_LEFT } from "../../exchange/exchange.ts";
import { switchedOf } from "../../exchange/switched.ts";
import type { SwitchedEnd } from "../../exchange/switched.ts";

/** The part of http.IncomingMessage that is looked at. */
interface Incoming {
  readonly method?: string;
  readonly url?: string;
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket?: object | null;
}

/** The part of http.ServerResponse that is looked at. */
interface Outgoing {
  readonly headersSent: boolean;
  readonly writableFinished: boolean;
  readonly statusCode: number;
  getHeader(name: string): number | string | string[] | undefined;
  write: Write;
  end: Write;
  once(event: "close", run: () => void): void;
  [exchangeOf]?: NodeExchange;
}

type Write = (
  this: Outgoing,
  chunk: unknown,
  encoding?: unknown,
  done?: unknown,
) => unknown;

const exchangeOf = Symbol("corn.exchange");

export class NodeExchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly startMs: number;
  readonly peer: Peer | undefined;
  status: number = CLIENT_LEFT;
  bytes: number | undefined;
  ms = 0;
  aborted = false;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #options: ExchangeOptions;
  #headers: Headers | undefined;

  constructor(incoming: unknown, outgoing: unknown, options: ExchangeOptions) {
    this.#incoming = incoming as Incoming;
    this.#outgoing = outgoing as Outgoing;
    this.#options = options;
    const { method = "", url = "" } = this.#incoming;
    this.method = method;
    // Routers change it while they are at work.
    this.target = url;
    this.startMs = options.runtime.clock.now();
    const { observer } = options;
    // A connection that is gone has none.
    if (observer.needs.peer) {
      this.peer = options.runtime.peerOf(incoming, outgoing);
    }
    if (observer.needs.bytes) this.#count();
    this.#outgoing.once("close", () => {
      const switched = this.#outgoing.statusCode === 101
        ? switchedOf(this.#outgoing)
        : undefined;
      if (switched === undefined) this.#end();
      else switched.onEnd((end) => this.#endSwitched(end));
    });
  }

  get protocol(): string {
    return `HTTP/${this.#incoming.httpVersion}`;
  }

  get tls(): TlsPeer | undefined {
    const handshake = notedHandshake(this.#incoming.socket);
    return handshake && tlsPeer(handshake);
  }

  requestHeader(name: string): string | undefined {
    return textOf(this.#incoming.headers[name]);
  }

  responseHeader(name: string): string | undefined {
    if (this.#headers !== undefined) {
      return this.#headers.get(name) ?? undefined;
    }
    return textOf(this.#outgoing.getHeader(name));
  }

  /** Takes the response that is written, whose headers the message does not tell. */
  note(response: Response): void {
    this.#headers = response.headers;
  }

  /** Adds a piece of the body. */
  static count(outgoing: Outgoing, chunk: unknown, encoding: unknown): void {
    const exchange = outgoing[exchangeOf];
    if (exchange === undefined) return;
    exchange.bytes! += typeof chunk === "string"
      ? exchange.#sizeOf(chunk, encoding)
      : (chunk as Uint8Array | null | undefined)?.byteLength ?? 0;
  }

  #count(): void {
    const outgoing = this.#outgoing;
    this.bytes = 0;
    outgoing[exchangeOf] = this;
    const { write, end } = outgoing;
    outgoing.write = function (chunk, encoding, done) {
      NodeExchange.count(this, chunk, encoding);
      return write.call(this, chunk, encoding, done);
    };
    outgoing.end = function (chunk, encoding, done) {
      if (typeof chunk !== "function") {
        NodeExchange.count(this, chunk, encoding);
      }
      // It writes by itself what it is given.
      this[exchangeOf] = undefined;
      return end.call(this, chunk, encoding, done);
    };
  }

  #sizeOf(text: string, encoding: unknown): number {
    switch (encoding) {
      case "latin1":
      case "binary":
      case "ascii":
        return text.length;
      case "hex":
        return text.length >>> 1;
      case "ucs2":
      case "utf16le":
        return 2 * text.length;
    }
    return this.#options.runtime.byteLength(text);
  }

  #endSwitched({ status, bytes }: SwitchedEnd): void {
    const { observer, runtime } = this.#options;
    this.ms = runtime.clock.now() - this.startMs;
    this.status = status;
    this.bytes = bytes;
    observer.onEnd(this);
  }

  #end(): void {
    const { writableFinished, headersSent, statusCode } = this.#outgoing;
    const { observer, runtime } = this.#options;
    this.ms = runtime.clock.now() - this.startMs;
    this.aborted = !writableFinished;
    if (headersSent) this.status = statusCode;
    if (bodiless(this.method, this.status)) this.bytes = 0;
    observer.onEnd(this);
  }
}

function textOf(
  value: number | string | string[] | undefined,
): string | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.join(", ") : String(value);
}
