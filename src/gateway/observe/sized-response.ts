/** A Response whose size can be told, for native engines that do not tell it. */
import {
  jsonNative,
  lateType,
  Native,
} from "../../http/web/native-response.ts";
import type { Body } from "../../http/web/native-response.ts";
import { nameClass } from "../../http/web/impersonate.ts";
import type { WebGlobals } from "../../runtime/web-globals.ts";

/** What a response was made of: a text, bytes by their number, what is sent as it comes, or something whose size is not known. */
type Made = string | number | typeof STREAM | undefined;

/** A body that is sent as it comes. */
const STREAM: unique symbol = Symbol("stream");

/**
 * The runtime's own Response that remembers what it was made of. Bun and Deno
 * do not tell (BUN-RESPONSE-SIZE), and a look at `body` costs them their way of
 * sending it whole (Bun 1.4.5 even its type, BUN-BODY-TAKES-TYPE).
 */
export class SizedResponse extends Native {
  readonly #made: Made;

  constructor(body?: Body, init?: ResponseInit) {
    super(body, init);
    this.#made = typeof body === "string" ? body : madeOf(body);
  }

  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    // A look at the body takes its type from Bun's (1.4.5,
    // BUN-BODY-TAKES-TYPE), unless the headers have it.
    if (lateType) void super.headers;
    return super.body;
  }

  static override json(data: unknown, init?: ResponseInit): Response {
    return jsonNative(SizedResponse, data, init);
  }

  static override redirect(url: string | URL, status?: number): Response {
    const { headers, status: checked } = Native.redirect(url, status);
    return new SizedResponse(null, { headers, status: checked });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === SizedResponse
      ? value instanceof Native
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  static madeOf(response: Response): Made {
    return #made in response ? response.#made : madeElsewhere(response);
  }
}

nameClass(SizedResponse, "Response");

/** Lets responses remember their sizes; call it before the app is loaded. */
export function installSizes(globals: WebGlobals): void {
  globals.Response = SizedResponse;
}

/** True where a response's body is sent as it comes. */
export function isStream(response: Response): boolean {
  return SizedResponse.madeOf(response) === STREAM;
}

/** The bytes of a response's body; undefined where that is not known. A text is counted through. */
export function sizeOf(
  response: Response,
  byteLength: (text: string) => number,
): number | undefined {
  const made = SizedResponse.madeOf(response);
  if (made === STREAM) return undefined;
  if (typeof made !== "string") return made;
  return isShortAscii(made) ? made.length : byteLength(made);
}

/** A text up to so long is looked through faster than a runtime's own code is called. */
const SHORT = 64;

function isShortAscii(text: string): boolean {
  const { length } = text;
  if (length > SHORT) return false;
  for (let at = 0; at < length; at++) {
    if (text.charCodeAt(at) > 127) return false;
  }
  return true;
}

/** A text as it is sent; a function is what Bun takes for a stream. */
function textOf(body: unknown): Made {
  return typeof body === "function" ? undefined : String(body);
}

function madeOf(body: Exclude<Body, string>): Made {
  if (body === null || body === undefined) return 0;
  if (body instanceof Uint8Array || body instanceof ArrayBuffer) {
    return body.byteLength;
  }
  // The standard makes a text of anything.
  if (typeof body !== "object") return textOf(body);
  if (body instanceof ReadableStream || Symbol.asyncIterator in body) {
    return STREAM;
  }
  if (ArrayBuffer.isView(body)) return body.byteLength;
  if (body instanceof Blob) return body.size;
  return body instanceof URLSearchParams ? String(body) : undefined;
}

/** What `fetch()` gave comes as a stream; of another one nothing is known. */
function madeElsewhere(response: Response): Made {
  return response.url === "" ? undefined : STREAM;
}
