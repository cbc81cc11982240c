/** A Response whose body is sent without a stream, for Node and Deno (NODE-RESPONSE-STREAM, DENO-RESPONSE-COST). */
import { ContentStream, noteContent, notedContent } from "./content-stream.ts";
import type { Content, Stream } from "./content-stream.ts";
import { HeaderMirror } from "./header-mirror.ts";
import { WireHeaders } from "./headers.ts";
import { streamOfIterable } from "./iterable-body.ts";
import type { HeadersSource } from "../../runtime/exchange.ts";
import {
  FORM_LIST,
  isInstance,
  JSON_LIST,
  jsonOf,
  jsonResponse,
  Native,
  NO_LIST,
  sizeOf,
  TEXT_LIST,
} from "./native-response.ts";
import type { Body } from "./native-response.ts";
import { realOf, realResponse, typeOf } from "./real-response.ts";
import { consistsOf, VALUE } from "../h1/octets.ts";
import type { Parts } from "./response-parts.ts";
import { asInterface, inspectAs, standIn } from "./impersonate.ts";

/** Statuses that have no body, as `new Response()` knows them. */
function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** True where a light response can stand for the real one; all else, and what is wrong, goes to the runtime. */
function isLight(body: unknown, init: ResponseInit | undefined): boolean {
  if (
    body !== null && body !== undefined && typeof body !== "string" &&
    !isBytes(body) && !(body instanceof URLSearchParams) &&
    ContentStream.content(body) === undefined
  ) return false;
  if (init === undefined) return true;
  if (init === null || typeof init !== "object") return false;
  const { status, statusText } = init;
  if (status !== undefined) {
    if (typeof status !== "number" || !Number.isInteger(status)) return false;
    if (status < 200 || status > 599) return false;
    if (isBodiless(status) && body !== null && body !== undefined) return false;
  }
  return statusText === undefined ||
    (typeof statusText === "string" && consistsOf(statusText, VALUE));
}

function isBytes(body: unknown): body is ArrayBufferView | ArrayBuffer {
  return ArrayBuffer.isView(body) || body instanceof ArrayBuffer;
}

/** The size of a body that is sent as a stream; undefined where it is not known. */
function sizeOfBody(body: unknown): number | undefined {
  if (body instanceof Blob) return sizeOf(body);
  const content = notedContent(body);
  return typeof content === "number" ? content : undefined;
}

/** Bytes of their own: what happens to those that were given does not count, as the standard says. */
function copyOf(body: ArrayBufferView | ArrayBuffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    ArrayBuffer.isView(body)
      ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
      : new Uint8Array(body),
  );
}

/**
 * The web's Response without what a stream costs. It becomes a real one when
 * anything is asked of it that needs one. Its prototype chain makes it an
 * instance of the runtime's own class.
 */
export class LightResponse {
  #body: Content | null = null;
  /** The body as it was given out. */
  #stream: ContentStream | undefined;
  #status = 200;
  #statusText = "";
  #list: readonly string[] = NO_LIST;
  #headers: WireHeaders | undefined;
  #native: Response | undefined;
  /** What the native one's headers are to follow. */
  #mirror: HeaderMirror | undefined;
  /** The bytes of a Blob. */
  #size: number | undefined;

  constructor(body?: Body, init?: ResponseInit) {
    const content = ContentStream.content(body);
    if (
      content !== undefined && LightResponse.isLight(init) && init.#isPlain
    ) {
      // `new Response(response.body, response)`: all of it was checked.
      this.#body = content;
      this.#stream = body as unknown as ContentStream;
      this.#status = init.#status;
      this.#statusText = init.#statusText;
      this.#list = [...init.#list];
      return;
    }
    if (!isLight(body, init)) {
      this.#native = realResponse(streamOfIterable(body), init);
      this.#size = sizeOfBody(body);
      if (body instanceof ReadableStream) this.#borrow(init);
      return;
    }
    let type = NO_LIST;
    if (typeof body === "string") {
      this.#body = body;
      type = TEXT_LIST;
    } else if (body !== null && body !== undefined) type = this.#take(body);
    if (init === undefined) {
      this.#list = type;
      return;
    }
    this.#status = init.status ?? 200;
    this.#statusText = init.statusText ?? "";
    if (init.headers === undefined) {
      this.#list = type;
      return;
    }
    const lent = WireHeaders.lend(
      init.headers,
      type === NO_LIST ? undefined : "content-type",
    );
    if (lent !== undefined) {
      this.#list = lent;
      return;
    }
    const list = WireHeaders.listOf(init.headers as HeadersSource);
    if (type !== NO_LIST && typeOf(list) === undefined) list.push(...type);
    this.#list = list;
  }

  /** True where it has a body, and what it says of itself is what it holds. */
  get #isPlain(): boolean {
    return this.#native === undefined && this.#body !== null &&
      Object.getPrototypeOf(this) === LightResponse.prototype &&
      !Object.hasOwn(this, "headers") &&
      this.status === this.#status && this.statusText === this.#statusText;
  }

  /** Goes on to see what is changed in headers that it was made of, see `WireHeaders.lend`. */
  #borrow(init: ResponseInit | undefined): void {
    const list = WireHeaders.lend(init?.headers);
    if (list !== undefined) this.#mirror = new HeaderMirror(list);
  }

  /** Lets the real one have what was changed in headers; for the last time, unless they are its own. */
  #update(native: Response): void {
    this.#mirror?.update(native.headers);
    if (this.#headers === undefined) this.#mirror = undefined;
  }

  /** Takes a body that is no text; gives the field that tells its type. */
  #take(body: Exclude<Body, string | null | undefined>): readonly string[] {
    if (isBytes(body)) this.#body = copyOf(body);
    else if (body instanceof URLSearchParams) {
      this.#body = String(body);
      return FORM_LIST;
    } else {
      this.#stream = body as unknown as ContentStream;
      this.#body = ContentStream.content(body) as Content;
    }
    return NO_LIST;
  }

  static json(data: unknown, init?: ResponseInit): Response {
    if (init !== undefined) {
      return jsonResponse(LightResponse, data, init) as unknown as Response;
    }
    const response = new LightResponse(jsonOf(data));
    response.#list = JSON_LIST;
    return response as unknown as Response;
  }

  static redirect(url: string | URL, status: number = 302): Response {
    // As @hono/node-server's, and Bun's, its headers can be changed.
    const { headers, status: checked } = Native.redirect(url, status);
    const init = { status: checked, headers };
    return new LightResponse(null, init) as unknown as Response;
  }

  static error(): Response {
    return Native.error();
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(LightResponse, this, value);
  }

  /** What is written of it, or the real one that it became. @throws TypeError where its body was read */
  static take(response: LightResponse): Parts | Response {
    if (response.#native !== undefined) return response.#toNative();
    response.#demandBody();
    return {
      status: response.#status,
      statusText: response.#statusText,
      list: response.#list,
      body: response.#body,
    };
  }

  /** The size of a body that is a stream; undefined where it is not known. */
  static size(response: LightResponse): number | undefined {
    return response.#size;
  }

  /** The same as a response of the runtime's own class, which has the body from now on. */
  static toNative(response: LightResponse): Response {
    return response.#toNative();
  }

  /**
   * The same, as the runtime's own server sends it fastest: a body that was given
   * out as a stream, and not read, stays what it is. @throws TypeError where it was read
   */
  static toSend(response: LightResponse): Response {
    if (response.#native !== undefined) return response.#toNative();
    response.#demandBody();
    return response.#become(response.#body);
  }

  /** A body as `body` would give it, without making a stream of this one. */
  static look(response: LightResponse): ReadableStream | null {
    return response.#native === undefined
      ? new Native(response.#body).body
      : response.#native.body;
  }

  static isLight(response: unknown): response is LightResponse {
    return typeof response === "object" && response !== null &&
      #list in response;
  }

  get status(): number {
    return this.#native?.status ?? this.#status;
  }
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }
  get statusText(): string {
    return this.#native?.statusText ?? this.#statusText;
  }
  /** A real one that this becomes is made, too, and not fetched. */
  get type(): ResponseType {
    return "default";
  }
  get url(): string {
    return "";
  }
  get redirected(): boolean {
    return false;
  }

  get headers(): Headers {
    // Those that were given out before it became a real one stay its headers.
    if (this.#native !== undefined && this.#headers === undefined) {
      this.#update(this.#native);
      return this.#native.headers;
    }
    if (this.#headers === undefined) {
      const list = [...this.#list];
      this.#headers = WireHeaders.over(list);
      this.#list = list;
    }
    return this.#headers as unknown as Headers;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#native === undefined) {
      if (this.#body === null) return null;
      this.#stream ??= new ContentStream(this.#body);
      return this.#stream as unknown as ReadableStream<Uint8Array<ArrayBuffer>>;
    }
    const { body } = this.#native;
    const stream = this.#stream;
    if (stream !== undefined && body === ContentStream.toNative(stream)) {
      return stream as unknown as ReadableStream<Uint8Array<ArrayBuffer>>;
    }
    if (body !== null && !this.#native.bodyUsed) noteContent(body, this.#size);
    return body;
  }
  /**
   * True too where a Response that was made of `body` was read, as Deno's own
   * forgets (2.9.5, DENO-COPY-READ); not where that was doubled and nothing
   * read, which Deno's own takes for a use (2.9.5, DENO-TEE-USED).
   */
  get bodyUsed(): boolean {
    if (this.#native !== undefined) return this.#native.bodyUsed;
    return this.#stream !== undefined && ContentStream.isTouched(this.#stream);
  }

  async text(): Promise<string> {
    return await this.#toNative().text();
  }
  async json(): Promise<unknown> {
    return await this.#toNative().json();
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return await this.#toNative().arrayBuffer();
  }
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#toNative().bytes();
  }
  async blob(): Promise<Blob> {
    return await this.#toNative().blob();
  }
  async formData(): Promise<FormData> {
    return await this.#toNative().formData();
  }

  clone(): Response {
    const stream = this.#stream;
    if (
      this.#native !== undefined ||
      (stream !== undefined && ContentStream.content(stream) === undefined)
    ) return this.#toNative().clone();
    // The stream that was given out is locked, as one that was doubled.
    stream?.getReader();
    this.#stream = undefined;
    const clone = new LightResponse();
    clone.#body = this.#body;
    clone.#status = this.#status;
    clone.#statusText = this.#statusText;
    clone.#list = [...this.#list];
    return clone as unknown as Response;
  }

  #toNative(): Response {
    if (this.#native !== undefined) {
      this.#update(this.#native);
      return this.#native;
    }
    return this.#become(
      this.#stream === undefined
        ? this.#body
        : ContentStream.toNative(this.#stream),
    );
  }

  /** @throws TypeError where the body was given out, and is in use */
  #demandBody(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    if (ContentStream.content(stream) !== undefined) return;
    const what = ContentStream.isTouched(stream)
      ? "was read before"
      : "is locked";
    throw new TypeError(`Cannot send a response: its body ${what}`);
  }

  /** Becomes a real one with this body. */
  #become(body: Content | Stream | null): Response {
    const isOwn = Object.getPrototypeOf(this) === LightResponse.prototype &&
      !Object.hasOwn(this, "headers");
    // A class of an app's may have other headers.
    const list = isOwn ? this.#list : [...this.headers].flat();
    this.#native = realOf({
      status: this.#status,
      statusText: this.#statusText,
      list,
      body,
    });
    if (isOwn || this.headers === this.#headers as unknown as Headers) {
      this.#follow();
    }
    return this.#native;
  }

  /** Goes on to see what is changed in headers that were given out. */
  #follow(): void {
    if (this.#headers === undefined) return;
    this.#mirror = new HeaderMirror(WireHeaders.list(this.#headers));
  }
}

standIn(LightResponse.prototype, new Native(), LightResponse.toNative);
asInterface(LightResponse, "Response", ["error", "json", "redirect"]);
inspectAs(LightResponse.prototype, "Response", (response) => ({
  status: response.status,
  statusText: response.statusText,
  headers: response.headers,
  body: LightResponse.look(response),
  bodyUsed: response.bodyUsed,
  ok: response.ok,
  redirected: response.redirected,
  type: response.type,
  url: response.url,
}));
