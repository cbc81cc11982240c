/** A Request whose parts are made when they are asked for. */
import type { IncomingBody } from "./body.ts";
import type { ExchangeHandle } from "../../runtime/exchange.ts";
import type { Channel } from "../../runtime/transport.ts";
import type { Head } from "../h1/head.ts";
import type { Heir, Legacy } from "./heir.ts";
import { WireHeaders } from "./headers.ts";
import { asInterface, inspectAs, standIn } from "./impersonate.ts";
import { makeReadRequest, Native, NativeRequest } from "./native-request.ts";

const decoder = new TextDecoder();

function usedError(): TypeError {
  return new TypeError("Cannot read the body: it was read before");
}

/** The exchange that a request belongs to. */
export interface RequestExchange extends ExchangeHandle {
  readonly head: Head;
  readonly request: WireRequest;
  readonly channel: Channel;
  /** Called in place of an answer, where the request is to become a WebSocket. */
  upgrade: (() => void) | undefined;
  /** Lets another protocol have the connection; undefined where the request has a body or is answered. */
  leaveTo(heir: Heir): Legacy | undefined;
}

/**
 * The web's Request over a parsed head. Its prototype chain makes it an
 * instance of the runtime's own class, whose members are all replaced here;
 * what is seldom asked for is answered by a real one.
 */
export class WireRequest {
  readonly #head: Head;
  /** Undefined where there is none. */
  readonly #incoming: IncomingBody | undefined;
  #url: string | undefined;
  #headers: WireHeaders | undefined;
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #used = false;
  #abort: AbortController | undefined;
  /** Why the client is gone before it was answered, if it is. */
  #aborted: unknown;
  /** There once one of the runtime's own was asked for that has the body. */
  #native: NativeRequest | undefined;
  readonly #exchange: RequestExchange | undefined;

  constructor(
    head: Head,
    body: IncomingBody | undefined,
    exchange?: RequestExchange,
  ) {
    this.#head = head;
    this.#incoming = body;
    this.#exchange = exchange;
  }

  /** The exchange that a request belongs to; undefined for any other request, copies of it among them. */
  static exchangeOf(request: unknown): RequestExchange | undefined {
    return typeof request === "object" && request !== null &&
        #exchange in request
      ? request.#exchange
      : undefined;
  }

  /**
   * The same as a request of the runtime's own class, which has the body from
   * now on. Where it was read already, the body of the other is one that was
   * read too: the runtime knows what may be done with such a request.
   */
  static toNative(request: WireRequest): Request {
    return request.#toNative();
  }

  /** True for a request of this class. */
  static owns(request: object): boolean {
    return #head in request;
  }

  /** Gives a request another URL; false where it is none of this class. */
  static setUrl(request: Request, url: string): boolean {
    if (!(#url in request)) return false;
    request.#url = url;
    return true;
  }

  /** A header, by its name in lower case: what `headers.get()` gives, without making headers for it. */
  static header(request: WireRequest, name: string): string | undefined {
    // Headers that were given out may have been changed; parts of a cookie are put together there.
    if (request.#headers === undefined && name !== "cookie") {
      return request.#head.field(name);
    }
    return request.headers.get(name) ?? undefined;
  }

  /** Tells a request that its client is gone. */
  static abort(request: WireRequest, reason: unknown): void {
    request.#aborted = reason;
    request.#abort?.abort(reason);
  }

  get method(): string {
    return this.#head.method;
  }

  get url(): string {
    return this.#url ??= this.#head.url;
  }

  get headers(): Headers {
    return (this.#headers ??= WireHeaders.over(
      this.#head.fields(),
    )) as unknown as Headers;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#aborted !== undefined) this.#abort.abort(this.#aborted);
    }
    return this.#abort.signal;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#native !== undefined) return this.#native.body;
    if (this.#stream === undefined) {
      const body = this.#body();
      if (body === undefined) return null;
      if (this.#used) {
        // It was read as a whole: a stream that is locked and empty says so.
        this.#stream = new ReadableStream();
        this.#stream.getReader();
      } else {
        this.#stream = body.stream();
      }
    }
    return this.#stream;
  }

  get bodyUsed(): boolean {
    if (this.#native !== undefined) return this.#native.bodyUsed;
    if (this.#stream !== undefined) return this.#body()?.used === true;
    return this.#used;
  }

  async text(): Promise<string> {
    const body = this.#unread();
    return body === undefined
      ? decoder.decode(await this.#bytes())
      : await body.text();
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#bytes();
    // The app may keep or transfer the whole buffer.
    return bytes.length === bytes.buffer.byteLength
      ? bytes
      : new Uint8Array(bytes);
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async blob(): Promise<Blob> {
    const type = this.headers.get("content-type") ?? "";
    return new Blob([await this.#bytes()], { type });
  }

  async formData(): Promise<FormData> {
    const type = this.headers.get("content-type");
    const headers = type === null ? undefined : { "content-type": type };
    return await new Response(await this.#bytes(), { headers }).formData();
  }

  clone(): Request {
    return this.#toNative().clone();
  }

  get cache(): RequestCache {
    return "default";
  }
  get credentials(): RequestCredentials {
    return "same-origin";
  }
  get destination(): RequestDestination {
    return "";
  }
  get duplex(): "half" {
    return "half";
  }
  get integrity(): string {
    return "";
  }
  get keepalive(): boolean {
    return false;
  }
  /** The two that Node's own has beyond the standard (24, 26). */
  get isReloadNavigation(): boolean {
    return false;
  }
  get isHistoryNavigation(): boolean {
    return false;
  }
  get mode(): RequestMode {
    return "cors";
  }
  get redirect(): RequestRedirect {
    return "follow";
  }
  get referrer(): string {
    return "about:client";
  }
  get referrerPolicy(): ReferrerPolicy {
    return "";
  }

  /** Content of GET and HEAD means nothing, RFC 9110 section 9.3.1, and no Request has it. */
  #body(): IncomingBody | undefined {
    const { method } = this.#head;
    return method === "GET" || method === "HEAD" ? undefined : this.#incoming;
  }

  #bytes(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#native !== undefined) {
      return this.#native.arrayBuffer().then((bytes) => new Uint8Array(bytes));
    }
    if (this.#stream !== undefined) {
      if (this.bodyUsed || this.#stream.locked) {
        return Promise.reject(usedError());
      }
      return new Response(this.#stream).arrayBuffer().then((bytes) =>
        new Uint8Array(bytes)
      );
    }
    if (this.#body() === undefined) return Promise.resolve(new Uint8Array());
    const body = this.#unread();
    return body?.bytes() ?? Promise.reject(usedError());
  }

  /** The body, which counts as read from now on; undefined where it is read in another way, was read, or is not there. */
  #unread(): IncomingBody | undefined {
    if (this.#native !== undefined || this.#stream !== undefined) return;
    const body = this.#used ? undefined : this.#body();
    if (body !== undefined) this.#used = true;
    return body;
  }

  #toNative(): Request {
    if (this.#native !== undefined) return this.#native.current();
    const { body, bodyUsed } = this;
    if (bodyUsed || body?.locked === true) {
      // Made anew each time: a reader of the stream goes on with this one's.
      return makeReadRequest(this, bodyUsed);
    }
    this.#native = new NativeRequest(this, body);
    return this.#native.current();
  }
}

standIn(
  WireRequest.prototype,
  new Native("http://localhost"),
  WireRequest.toNative,
);
asInterface(WireRequest, "Request");
inspectAs(WireRequest.prototype, "Request", (request) => ({
  method: request.method,
  url: request.url,
  headers: request.headers,
  destination: request.destination,
  referrer: request.referrer,
  referrerPolicy: request.referrerPolicy,
  mode: request.mode,
  credentials: request.credentials,
  cache: request.cache,
  redirect: request.redirect,
  integrity: request.integrity,
  keepalive: request.keepalive,
  isReloadNavigation: request.isReloadNavigation,
  isHistoryNavigation: request.isHistoryNavigation,
  signal: request.signal,
}));
