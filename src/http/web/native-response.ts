/** What corn's two kinds of Response share. */
import { WireHeaders } from "./headers.ts";
import type { HeadersSource } from "../../runtime/exchange.ts";

/** The runtime's own Response; `globals.ts` puts something else in its place. */
export const Native: typeof Response = Response;

export const TEXT_TYPE = "text/plain;charset=UTF-8";
/** Bun's own names a charset (1.4.5, BUN-JSON-CHARSET). */
const JSON_TYPE = Native.json(null).headers.get("content-type") ??
  "application/json";
/**
 * What a response of JSON has where the app names no headers. Of an object with
 * a type alone Deno's copies have none (2.9.5, DENO-CLONE-TYPE).
 */
const JSON_FIELDS: [string, string][] = [["content-type", JSON_TYPE]];
export const JSON_LIST: readonly string[] = ["content-type", JSON_TYPE];
export const TEXT_LIST: readonly string[] = ["content-type", TEXT_TYPE];
/** Bun's own server adds the type of a text when it writes it (1.4.5, BUN-LATE-TYPE). */
export const lateType: boolean = !new Native("").headers.has("content-type");
export const FORM_LIST: readonly string[] = [
  "content-type",
  "application/x-www-form-urlencoded;charset=UTF-8",
];
export const NO_LIST: readonly string[] = [];

export type Body = BodyInit | null | undefined;

/** JSON as `Response.json()` makes it. @throws TypeError */
export function jsonOf(data: unknown): string {
  const text = JSON.stringify(data);
  if (text === undefined) {
    throw new TypeError("Cannot make JSON of this: it has no JSON value");
  }
  return text;
}

/** `Response.json()` for a class of responses. */
export function jsonResponse<T>(
  Made: new (body: string, init: ResponseInit) => T,
  data: unknown,
  init: ResponseInit = {},
): T {
  const headers = new WireHeaders(init.headers as HeadersSource);
  if (!headers.has("content-type")) headers.set("content-type", JSON_TYPE);
  return new Made(jsonOf(data), {
    ...init,
    headers: headers as unknown as Headers,
  });
}

/**
 * The same for a class that is made of the runtime's own, to which corn's
 * Headers are a stranger's: to go through them takes up to a microsecond.
 */
export function jsonNative<T>(
  Made: new (body: string, init: ResponseInit) => T,
  data: unknown,
  init: ResponseInit = {},
): T {
  return init.headers === undefined
    ? new Made(jsonOf(data), { ...init, headers: JSON_FIELDS })
    : jsonResponse(Made, data, init);
}

/** `instanceof` for a class that stands for the runtime's own: its subclasses keep their own meaning. */
export function isInstance(
  Made: unknown,
  own: unknown,
  value: unknown,
): boolean {
  return own === Made
    ? value instanceof Native
    : Function.prototype[Symbol.hasInstance].call(own as () => void, value);
}

/** The size of a Blob; undefined where it is not known. */
export function sizeOf({ size }: Blob): number | undefined {
  // A file of Bun's that is a pipe, or is not there, has none to tell (1.4.5,
  // BUN-FILE-SIZE).
  if (size === 0) return lateType ? undefined : 0;
  return Number.isSafeInteger(size) ? size : undefined;
}
