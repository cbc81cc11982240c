/** Headers that an app shall not see. */
import { WireRequest } from "../../http/web/request.ts";

/** Takes headers from a request, where it has them. */
export function stripHeaders(
  request: Request,
  names: readonly string[],
): void {
  const { headers } = request;
  const found = names.filter((name) => headers.has(name));
  if (found.length === 0) return;
  // Those of Deno's requests cannot be changed.
  const own = WireRequest.owns(request) ? headers : new Headers(headers);
  for (const name of found) own.delete(name);
  if (own === headers) return;
  Object.defineProperty(request, "headers", {
    configurable: true,
    enumerable: true,
    value: own,
  });
}

/** A message of `node:http`. */
interface Incoming {
  readonly headers: Record<string, string | undefined>;
  readonly headersDistinct?: Record<string, unknown>;
  readonly rawHeaders: string[];
}

/** Takes headers from a message of `node:http`, in all the ways it gives them. */
export function stripIncoming(
  message: unknown,
  names: readonly string[],
): void {
  const { headers, headersDistinct, rawHeaders } = message as Incoming;
  for (const name of names) {
    delete headers[name];
    delete headersDistinct?.[name];
  }
  for (let at = rawHeaders.length - 2; at >= 0; at -= 2) {
    if (names.includes((rawHeaders[at] as string).toLowerCase())) {
      rawHeaders.splice(at, 2);
    }
  }
}
