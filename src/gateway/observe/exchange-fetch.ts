/** An exchange over a Request and a Response of a runtime's own server. */
import type { Peer } from "../../runtime/runtime.ts";
import type { Exchange } from "../../exchange/exchange.ts";
import type { ExchangeOptions } from "./exchange-options.ts";
import { bodiless, CLIENT_LEFT } from "../../exchange/exchange.ts";
import { switchedOf } from "../../exchange/switched.ts";
import { valueIn } from "../proxies/name-filter.ts";
import { isStream, sizeOf } from "./sized-response.ts";

export class FetchExchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly startMs: number;
  /** Neither Bun.serve nor Deno.serve tells it. */
  readonly protocol: undefined = undefined;
  readonly peer: Peer | undefined;
  status: number = CLIENT_LEFT;
  bytes: number | undefined;
  aborted = false;
  readonly #options: ExchangeOptions;
  /** The request's fields, where they are at hand. */
  readonly #fields: readonly string[] | undefined;
  readonly #requestHeaders: Headers | undefined;
  #headers: Headers | undefined;
  #ms: number | undefined;

  constructor(request: Request, env: unknown, options: ExchangeOptions) {
    this.#options = options;
    this.method = request.method;
    const { observer } = options;
    // Bun and Deno make a text of it when it is asked for.
    this.target = observer.needs.target ? targetOf(request.url) : "";
    this.startMs = options.runtime.clock.now();
    // Bun does not tell it once the response is out (1.4.5,
    // BUN-REQUEST-IP-GONE).
    if (observer.needs.peer) this.peer = options.runtime.peerOf(request, env);
    if (observer.needs.requestHeaders) {
      this.#fields = sentFields(request, env, options);
      if (this.#fields === undefined) {
        this.#requestHeaders = headersOf(request, options);
      }
    }
  }

  /** Observers look when it ends, or not at all: on Deno a clock is dear (2.9.5, DENO-CLOCK-OP). */
  get ms(): number {
    return this.#ms ??= this.#options.runtime.clock.now() - this.startMs;
  }

  requestHeader(name: string): string | undefined {
    return this.#fields === undefined
      ? this.#requestHeaders?.get(name) ?? undefined
      : valueIn(this.#fields, name);
  }

  responseHeader(name: string): string | undefined {
    return this.#headers?.get(name) ?? undefined;
  }

  /** Takes the response, and gives the one to send in its place. */
  answer(given: Response): Response {
    const { observer: { needs }, runtime: { nativeRequests } } = this.#options;
    // What it was made of is told by the runtime's own alone.
    const response = nativeRequests.own?.(given) ?? given;
    const { status } = response;
    this.status = status;
    if (needs.responseHeaders) this.#headers = response.headers;
    if (status === 101) {
      const switched = switchedOf(response);
      switched?.onEnd(({ bytes }) => {
        this.bytes = bytes;
        this.#end();
      });
      if (switched !== undefined) return response;
    }
    if (bodiless(this.method, status)) this.bytes = 0;
    else if (isStream(response)) return this.#watch(response);
    else if (needs.bytes) {
      const { byteLength } = this.#options.runtime;
      this.bytes = sizeOf(response, byteLength) ?? lengthOf(response.headers);
    }
    this.#end();
    return response;
  }

  /** Counts a stream as it goes out. */
  #watch(response: Response): Response {
    const { body } = response;
    if (body === null || response.bodyUsed || body.locked) {
      this.#end();
      return response;
    }
    this.bytes = 0;
    const watched = new ReadableStream(new Counted(body, this), {
      highWaterMark: 0,
    });
    return new Response(watched, response);
  }

  /** A piece of the stream was taken. */
  count(piece: unknown): void {
    this.bytes! += typeof piece === "string"
      ? this.#options.runtime.byteLength(piece)
      : (piece as Uint8Array | undefined)?.byteLength ?? 0;
  }

  /** The stream is out, or will never be. */
  end(whole: boolean): void {
    this.aborted = !whole;
    this.#end();
  }

  #end(): void {
    this.#options.observer.onEnd(this);
  }
}

/**
 * The fields as they were sent: undefined where they are not at hand, or where
 * an app shall see others. Deno's cannot be asked for once the response is out
 * (2.9.5, DENO-REQUEST-GONE).
 */
function sentFields(
  request: Request,
  env: unknown,
  { fields }: ExchangeOptions,
): readonly string[] | undefined {
  return Object.hasOwn(request, "headers")
    ? undefined
    : fields.of(request, env);
}

/** Headers that can be asked once the request has become a WebSocket, too. */
function headersOf(
  { headers }: Request,
  { runtime: { nativeRequests } }: ExchangeOptions,
): Headers {
  return nativeRequests.upgradeOf !== undefined && headers.has("upgrade")
    ? new Headers(headers)
    : headers;
}

/** Passes a stream on, and tells its exchange. */
class Counted implements UnderlyingDefaultSource<unknown> {
  readonly #reader: ReadableStreamDefaultReader<unknown>;
  readonly #exchange: FetchExchange;

  constructor(body: ReadableStream<unknown>, exchange: FetchExchange) {
    this.#reader = body.getReader();
    this.#exchange = exchange;
  }

  async pull(controller: ReadableStreamDefaultController): Promise<void> {
    try {
      const { done, value } = await this.#reader.read();
      if (done) {
        controller.close();
        return this.#exchange.end(true);
      }
      controller.enqueue(value);
      this.#exchange.count(value);
    } catch (error) {
      this.#exchange.end(false);
      throw error;
    }
  }

  cancel(reason: unknown): Promise<void> {
    this.#exchange.end(false);
    return this.#reader.cancel(reason);
  }
}

/** Path and query of an absolute URL. */
function targetOf(url: string): string {
  const host = url.indexOf("://") + 3;
  const path = url.indexOf("/", host);
  return path === -1 ? "/" : url.slice(path);
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null ? undefined : Number(length);
}
