/** The URL that an app sees. */
import { WireRequest } from "../../http/web/request.ts";

/**
 * Gives a request another URL. It stays the same object, which runtimes know it
 * by (`server.requestIP(request)`), with its body and signal; Deno's and Node's
 * `new Request(request)` still takes the URL that was sent.
 */
export function setUrl(request: Request, url: string): void {
  if (WireRequest.setUrl(request, url)) return;
  Object.defineProperty(request, "url", {
    configurable: true,
    enumerable: true,
    writable: true,
    value: url,
  });
  // By its definition: a Request of @hono/node-server does not let it be assigned (2.1.8).
  Object.defineProperty(request, "clone", clone);
}

/** One function for all requests: to make one for each costs more than the rest. */
function cloneWithUrl(this: Request): Request {
  const { clone } = Object.getPrototypeOf(this) as Request;
  const copy = clone.call(this);
  setUrl(copy, this.url);
  return copy;
}

const clone = { configurable: true, writable: true, value: cloneWithUrl };

const MAX_KNOWN = 256;
const origins = new Map<string, string>();

/** An origin as URL parsers write it, without the port that its scheme has anyway. */
function normalized(text: string): string {
  let origin = origins.get(text);
  if (origin === undefined) {
    origin = new URL(text).origin;
    if (origins.size === MAX_KNOWN) origins.clear();
    origins.set(text, origin);
  }
  return origin;
}

/** What is known of a request's origin. */
export interface OriginParts {
  readonly secure?: boolean | undefined;
  /** Valid; with a port where one is named. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** The URL with the parts of the origin that are given. */
export function withOrigin(
  url: string,
  { secure, host, port }: OriginParts,
): string {
  const start = url.indexOf("://");
  const end = url.indexOf("/", start + 3);
  const scheme = secure === undefined
    ? url.slice(0, start)
    : secure
    ? "https"
    : "http";
  const authority = host ?? url.slice(start + 3, end);
  const own = port === undefined ? "" : `:${port}`;
  const name = port === undefined ? authority : authority.replace(/:\d+$/, "");
  return normalized(`${scheme}://${name}${own}`) + url.slice(end);
}
