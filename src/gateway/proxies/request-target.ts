/**
 * The Host and the target of a request that a runtime's own server has read:
 * a request is refused where one of them is none (RFC 9112 section 3.2), and
 * its URL is made of them as URL parsers write it. `Bun.serve`, `Deno.serve`
 * and `node:http` check neither (DENO-URL-FROM-HOST, BUN-URL-PATH-ALONE,
 * ALL-HOSTS-JOINED): Deno 2.9.5 writes `http://`, the Host and the
 * target one after the other, so that `Host: x/admin?` asks for `/admin`, and
 * Bun 1.4.5 gives a URL without scheme and host for a Host that it cannot use.
 */
import type { Answer, Finish, RequestHandler } from "../../runtime/runtime.ts";
import type { ServingRuntime } from "../../runtime/serving.ts";
import { octets, STABLE } from "../../http/h1/octets.ts";
import { hasBackslash, originOf, resolveTarget } from "../../http/h1/target.ts";
import type { Target } from "../../http/h1/target.ts";
import type { Verdict } from "../../http/h1/verdict.ts";
import type { FieldsAtHand } from "./fields-at-hand.ts";
import { setUrl } from "./request-url.ts";
import type { Refusals } from "./refusals.ts";

/** The origin of a request that names no host, as HTTP/1.0 may (DENO-NO-HOST). */
const NO_HOST = "http://localhost";

const refusals = {
  host: { status: 400, reason: "Invalid Host" },
  noHost: { status: 400, reason: "No Host" },
  target: { status: 400, reason: "Invalid request target" },
  method: { status: 501, reason: "Unknown method" },
} as const satisfies Record<string, Verdict>;

/** What was asked for. */
interface Asked {
  readonly method: string;
  /** The Host fields' values, joined by ", "; null where there is none. */
  readonly host: string | null;
}

/** The target that a server's URL was made of: without the Host, whatever that says. */
function targetIn(url: string, host: string | null): string {
  if (host === null) {
    // What stands in its place is the server's own, or that of absolute-form: which of both is not told.
    const path = url.replace(/^http:\/\/[^/?]*/, "");
    return path.startsWith("/") ? path : `/${path}`;
  }
  const starts = [originOf(host), `http://${host}`];
  const start = starts.find((one) => url.startsWith(`${one}/`));
  return start === undefined ? url : url.slice(start.length);
}

/** Resolves a target. */
function resolve(
  target: string,
  { method, host }: Asked,
): Target | Verdict {
  if (method === "CONNECT") return refusals.method;
  const origin = host === null ? NO_HOST : originOf(host);
  if (origin === undefined) return refusals.host;
  const resolved = target.startsWith("/")
    ? { origin, path: target }
    : resolveTarget(target, { method, host: origin });
  if ("status" in resolved) return resolved;
  return resolved.path.includes("#") || hasBackslash(resolved.path)
    ? refusals.target
    : resolved;
}

/** True where a URL parser leaves what begins there alone. */
function isStable(url: string, from: number): boolean {
  let before = 0;
  for (let at = from; at < url.length; at++) {
    const code = url.charCodeAt(at);
    if (code > 255 || (octets[code]! & STABLE) === 0) return false;
    // "/." and "/%2e" may begin a dot segment.
    if (before === 47 && (code === 46 || code === 37)) return false;
    before = code;
  }
  return true;
}

/** A message of `node:http`. */
interface Incoming {
  readonly method: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  readonly headers: Record<string, string | undefined>;
  url: string;
}

/** The Host fields' values of a message of `node:http`, whose `headers` tell of the first alone. */
function hostIn(fields: readonly string[]): string | null {
  let host: string | null = null;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (name.length !== 4 || name.toLowerCase() !== "host") continue;
    host = host === null ? fields[at + 1]! : `${host}, ${fields[at + 1]}`;
  }
  return host;
}

/** Wraps a handler of native engines. */
export function withTarget(
  handler: RequestHandler,
  { runtime, refusals: taker, fields, reads }: {
    readonly runtime: Pick<ServingRuntime, "nativeRequests" | "fieldsOf">;
    /** Takes the requests that are refused. */
    readonly refusals: Refusals;
    /** Shared with what else looks at a request's fields, which are forgotten once the handler was called. */
    readonly fields: FieldsAtHand;
    /** True where the fields are read for something else anyway. */
    readonly reads: boolean;
  },
): RequestHandler {
  const { normalizes } = runtime.nativeRequests;
  const hasFields = runtime.fieldsOf !== undefined;
  const askHost = runtime.nativeRequests.hostOf;
  const hostOf = askHost === undefined
    ? (request: Request, env: unknown) =>
      hostIn(fields.of(request, env) ?? [...request.headers].flat())
    : reads && hasFields
    ? (request: Request, env: unknown) => {
      const read = fields.of(request, env);
      // Without a Host it may still be told in another way.
      return (read && hostIn(read)) ?? askHost(request);
    }
    : askHost;
  /** The last Host that was found to be as URLs have it, and how they begin with it. */
  let knownHost: string | undefined;
  let knownStart = "";

  function correct(request: Request, host: string | null): void {
    const { url, method } = request;
    const target = targetIn(url, host);
    const resolved = !normalizes && method === "OPTIONS" && target === "/*"
      // Deno writes this for "*" too, which asks for no path
      // (DENO-OPTIONS-STAR).
      ? refusals.target
      : resolve(target, { method, host });
    if ("status" in resolved) {
      taker.refuse(request, resolved);
      return setUrl(request, safeUrl(target));
    }
    const whole = new URL(resolved.origin + resolved.path).href;
    if (whole !== url) return setUrl(request, whole);
    if (host === null) return;
    knownHost = host;
    knownStart = `${resolved.origin}/`;
  }

  function fetch(
    request: Request,
    env: unknown,
    finish?: Finish,
  ): Answer {
    const host = hostOf(request, env);
    const { url } = request;
    if (
      host !== knownHost || !url.startsWith(knownStart) ||
      (normalizes ? url.includes("#") : !isStable(url, knownStart.length - 1))
    ) correct(request, host);
    const answer = handler.fetch(request, env, finish);
    if (hasFields) fields.forget();
    return answer;
  }

  function node(incoming: unknown, outgoing: unknown): void {
    const message = incoming as Incoming;
    const { url, rawHeaders, headers, httpVersion } = message;
    const host = hostIn(rawHeaders);
    const resolved = host === null && httpVersion === "1.1"
      ? refusals.noHost
      : url === "*" && message.method === "OPTIONS"
      ? undefined
      : resolve(url, { method: message.method, host });
    if (resolved === undefined) {
      // RFC 9112 section 3.2.4: there is no path.
    } else if ("status" in resolved) {
      taker.refuse(message, resolved);
      // Observers must be able to make a URL of a refused request.
      headers.host = "localhost";
    } else if (!url.startsWith("/")) {
      message.url = resolved.path;
      headers.host = resolved.origin.slice("http://".length);
    }
    handler.node(incoming, outgoing);
    fields.forget();
  }

  return { style: handler.style, fetch, node };
}

/** A URL of a refused request, for observers. */
function safeUrl(target: string): string {
  try {
    return new URL(NO_HOST + (target.startsWith("/") ? target : "/")).href;
  } catch {
    return `${NO_HOST}/`;
  }
}
