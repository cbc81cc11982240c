/** Hosts and the four forms of a request target, RFC 9112 section 3.2. */
import { consistsOf, HOST } from "./octets.ts";
import type { Verdict } from "./verdict.ts";

/** Where a request goes. */
export interface Target {
  /** Scheme, host and port, as a URL parser writes them: `http://example.com:8000`. */
  readonly origin: string;
  /** Path and query, beginning with `/`. */
  readonly path: string;
}

const MAX_CACHED = 256;

/** What is known of hosts by one scheme. */
interface Known {
  readonly origins: Map<string, string>;
  /** The last: to compare a text costs less than to hash it. */
  host: string;
  origin: string | undefined;
}

const plain: Known = { origins: new Map(), host: "", origin: undefined };
const secured: Known = { origins: new Map(), host: "", origin: undefined };

/** The origin of a Host field's value, by http or https; undefined where the value is not valid. */
export function originOf(host: string, secure = false): string | undefined {
  const known = secure ? secured : plain;
  if (host === known.host) return known.origin;
  const { origins } = known;
  let origin = origins.get(host);
  if (origin === undefined) {
    origin = parseHost(host, secure ? "https" : "http");
    if (origin === undefined) return undefined;
    if (origins.size === MAX_CACHED) origins.clear();
    origins.set(host, origin);
  }
  known.host = host;
  known.origin = origin;
  return origin;
}

/** `uri-host [ ":" port ]`, RFC 9112 section 3.2; an empty host must be refused, RFC 9110 section 4.2.1. */
function parseHost(host: string, scheme: string): string | undefined {
  if (host === "" || !consistsOf(host, HOST)) return undefined;
  const bracket = host.startsWith("[") ? host.indexOf("]") : -1;
  const colon = host.indexOf(":", bracket === -1 ? 0 : bracket);
  const name = colon === -1 ? host : host.slice(0, colon);
  if (name === "" || (colon !== -1 && !isPort(host, colon + 1))) {
    return undefined;
  }
  // Brackets hold IP literals and stand nowhere else.
  if (
    bracket === -1
      ? name.includes("[") || name.includes("]")
      : bracket !== name.length - 1
  ) {
    return undefined;
  }
  try {
    return new URL(`${scheme}://${host}`).origin;
  } catch {
    return undefined;
  }
}

function isPort(host: string, from: number): boolean {
  for (let at = from; at < host.length; at++) {
    const code = host.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

const refusals = {
  host: { status: 400, reason: "Invalid Host" },
  target: { status: 400, reason: "Invalid request target" },
  https: { status: 421, reason: "This connection does not serve https" },
  http: { status: 421, reason: "This connection does not serve http" },
} as const satisfies Record<string, Verdict>;

/** Resolves a target that does not begin with `/`; `host` is the origin of the Host field. */
export function resolveTarget(
  target: string,
  { method, host }: { readonly method: string; readonly host: string },
): Target | Verdict {
  if (target === "*") {
    // The URL of asterisk-form has no path, RFC 9112 section 3.3.
    return method === "OPTIONS" ? { origin: host, path: "/" } : refusals.target;
  }
  const scheme = /^https?:\/\//i.exec(target)?.[0].toLowerCase();
  if (scheme === undefined) return refusals.target;
  const secure = host.startsWith("https:");
  if (secure !== (scheme === "https://")) {
    return secure ? refusals.http : refusals.https;
  }
  let end = scheme.length;
  while (end < target.length && target[end] !== "/" && target[end] !== "?") {
    end++;
  }
  const origin = originOf(target.slice(scheme.length, end), secure);
  if (origin === undefined) return refusals.host;
  const path = target.slice(end);
  return { origin, path: path.startsWith("/") ? path : `/${path}` };
}

/** True where there is one before the query: URL parsers read it as "/", where others see a part of a name. */
export function hasBackslash(path: string): boolean {
  const at = path.indexOf("\\");
  if (at === -1) return false;
  const query = path.indexOf("?");
  return query === -1 || at < query;
}

/**
 * The URL of a request. `stable` says that each byte is one that a URL parser
 * leaves alone; then only dot segments must be looked for.
 */
export function urlOf(target: Target, stable: boolean): string {
  const url = target.origin + target.path;
  if (
    stable && !target.path.includes("/.") &&
    (!target.path.includes("%2") ||
      (!target.path.includes("%2e") && !target.path.includes("%2E")))
  ) return url;
  return new URL(url).href;
}
