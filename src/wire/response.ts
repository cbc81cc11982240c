/** Responses whose body can be sent without a stream. */
import { WireHeaders } from "./headers.ts";
import type { HeadersSource } from "./headers.ts";
import { consistsOf, VALUE } from "./octets.ts";
import { standIn } from "./stand-in.ts";

/** A body as an app left it. */
export type ResponseBody =
  | string
  | Uint8Array
  | ReadableStream<Uint8Array>
  | null;

/** A response, ready to be written. */
export interface Parts {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case and values, one after the other. */
  readonly list: readonly string[];
  readonly body: ResponseBody | Promise<ArrayBuffer>;
}

/** The runtime's own Response; `globals.ts` puts something else in its place. */
const Native = Response;

const TEXT_TYPE = "text/plain;charset=UTF-8";
const JSON_TYPE = "application/json";
const TEXT_LIST: readonly string[] = ["content-type", TEXT_TYPE];
/** Bun's own server adds the type of a text when it writes it (1.4.5). */
const lateType = !new Native("").headers.has("content-type");
const NO_LIST: readonly string[] = [];

type Body = BodyInit | null | undefined;

/** Statuses that have no body, as `new Response()` knows them. */
function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** True where a light response can stand for the real one; all else, and what is wrong, goes to the runtime. */
function isLight(body: unknown, init: ResponseInit | undefined): boolean {
  if (
    body !== null && body !== undefined && typeof body !== "string" &&
    !(body instanceof Uint8Array)
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

/** JSON as `Response.json()` makes it. @throws TypeError */
function jsonOf(data: unknown): string {
  const text = JSON.stringify(data);
  if (text === undefined) {
    throw new TypeError("Cannot make JSON of this: it has no JSON value");
  }
  return text;
}

/** `Response.json()` for a class of responses. */
function jsonResponse<T>(
  Made: new (body: string, init: ResponseInit) => T,
  data: unknown,
  init: ResponseInit = {},
): T {
  const headers = WireHeaders.from(init.headers as HeadersSource);
  if (!headers.has("content-type")) headers.set("content-type", JSON_TYPE);
  return new Made(jsonOf(data), {
    ...init,
    headers: headers as unknown as Headers,
  });
}

/** `instanceof` for a class that stands for the runtime's own: its subclasses keep their own meaning. */
function isInstance(Made: unknown, own: unknown, value: unknown): boolean {
  return own === Made
    ? value instanceof Native
    : Function.prototype[Symbol.hasInstance].call(own as () => void, value);
}

/**
 * The web's Response without what a stream costs. It becomes a real one when
 * anything is asked of it that needs one. Its prototype chain makes it an
 * instance of the runtime's own class.
 */
export class LightResponse {
  #body: string | Uint8Array<ArrayBuffer> | null = null;
  #status = 200;
  #statusText = "";
  #list: readonly string[] = NO_LIST;
  #headers: WireHeaders | undefined;
  #native: Response | undefined;

  constructor(body?: Body, init?: ResponseInit) {
    if (!isLight(body, init)) {
      this.#native = new Native(body, init);
      return;
    }
    const text = typeof body === "string";
    if (text) this.#body = body;
    // As the standard says: what happens to the bytes later does not count.
    else if (body) this.#body = new Uint8Array(body as Uint8Array);
    if (init === undefined) {
      if (text) this.#list = TEXT_LIST;
      return;
    }
    this.#status = init.status ?? 200;
    this.#statusText = init.statusText ?? "";
    if (init.headers === undefined) {
      if (text) this.#list = TEXT_LIST;
      return;
    }
    const headers = WireHeaders.from(init.headers as HeadersSource);
    if (text && !headers.list.includes("content-type")) {
      headers.list.push("content-type", TEXT_TYPE);
    }
    this.#list = headers.list;
    this.#headers = headers;
  }

  static json(data: unknown, init?: ResponseInit): Response {
    return jsonResponse(LightResponse, data, init) as unknown as Response;
  }

  static redirect(url: string | URL, status?: number): Response {
    return Native.redirect(url, status);
  }

  static error(): Response {
    return Native.error();
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(LightResponse, this, value);
  }

  /** What is written of it, and takes its body; undefined where it became a real one. */
  static take(response: LightResponse): Parts | Response {
    return response.#native ?? {
      status: response.#status,
      statusText: response.#statusText,
      list: response.#list,
      body: response.#body,
    };
  }

  /** The same as a response of the runtime's own class, which has the body from now on. */
  static toNative(response: LightResponse): Response {
    return response.#toNative();
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
  get type(): ResponseType {
    return this.#native?.type ?? "default";
  }
  get url(): string {
    return this.#native?.url ?? "";
  }
  get redirected(): boolean {
    return this.#native?.redirected ?? false;
  }

  get headers(): Headers {
    if (this.#native !== undefined) return this.#native.headers;
    if (this.#headers === undefined) {
      this.#headers = new WireHeaders([...this.#list]);
      this.#list = this.#headers.list;
    }
    return this.#headers as unknown as Headers;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#native === undefined && this.#body === null) return null;
    return this.#toNative().body;
  }
  get bodyUsed(): boolean {
    return this.#native?.bodyUsed ?? false;
  }

  text(): Promise<string> {
    return this.#toNative().text();
  }
  json(): Promise<unknown> {
    return this.#toNative().json();
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#toNative().arrayBuffer();
  }
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#toNative().bytes();
  }
  blob(): Promise<Blob> {
    return this.#toNative().blob();
  }
  formData(): Promise<FormData> {
    return this.#toNative().formData();
  }

  clone(): Response {
    return this.#toNative().clone();
  }

  #toNative(): Response {
    if (this.#native !== undefined) return this.#native;
    const { headers } = this;
    this.#native = new Native(this.#body, {
      status: this.#status,
      statusText: this.#statusText,
      headers: [...headers],
    });
    return this.#native;
  }
}

standIn(LightResponse.prototype, new Native(), LightResponse.toNative);

/**
 * The runtime's own Response that remembers a body which is no stream: for
 * runtimes whose own servers must go on to know it as theirs.
 */
export class MemoResponse extends Native {
  /** The text, or true where it is bytes. */
  readonly #memo: string | true | undefined;
  /** The fields, as long as nobody can have changed them. */
  #list: readonly string[] | undefined;

  constructor(body?: Body, init?: ResponseInit) {
    super(body, init);
    if (init?.headers === undefined) {
      if (typeof body === "string") this.#list = TEXT_LIST;
      else if (body === undefined || body === null) this.#list = NO_LIST;
    }
    if (typeof body === "string") this.#memo = body;
    else if (body instanceof Uint8Array || body instanceof ArrayBuffer) {
      this.#memo = true;
    }
  }

  static override json(data: unknown, init?: ResponseInit): Response {
    return jsonResponse(MemoResponse, data, init);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(MemoResponse, this, value);
  }

  override get headers(): Headers {
    this.#list = undefined;
    return super.headers;
  }

  /** The fields where they were remembered and nobody has seen them. */
  static fields(response: Response): readonly string[] | undefined {
    return #memo in response ? response.#list : undefined;
  }

  /** The body where it was remembered and nobody has read it. */
  static memo(response: Response): string | true | undefined {
    return #memo in response && !response.bodyUsed ? response.#memo : undefined;
  }
}

/** Takes a response apart; its body is the caller's then. @throws TypeError where the body was read before */
export function takeApart(response: Response): Parts {
  const taken = LightResponse.isLight(response)
    ? LightResponse.take(response)
    : response;
  if ("list" in taken) return taken;
  const { status, statusText } = taken;
  const body = bodyOf(taken);
  const known = MemoResponse.fields(taken);
  if (known !== undefined) return { status, statusText, list: known, body };
  const { headers } = taken;
  const list: string[] = [];
  for (const [name, value] of headers) list.push(name, value);
  if (lateType && typeof body === "string" && !headers.has("content-type")) {
    list.push(...TEXT_LIST);
  }
  return { status, statusText, list, body };
}

function bodyOf(response: Response): Parts["body"] {
  const memo = MemoResponse.memo(response);
  if (typeof memo === "string") return memo;
  if (memo === true) return response.arrayBuffer();
  const { body } = response;
  if (body !== null && (response.bodyUsed || body.locked)) {
    throw new TypeError("Cannot send a response: its body was read before");
  }
  return body;
}
