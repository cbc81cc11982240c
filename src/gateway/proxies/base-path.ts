/** An app that is served below a path and does not know it. */
import type { App } from "../app/app.ts";
import { refusalResponse, refuseOutgoing } from "../call/outgoing.ts";
import type { LimitedOutgoing, OwnAnswer } from "../call/outgoing.ts";
import { setUrl } from "./request-url.ts";

const NOT_FOUND: OwnAnswer = { status: 404, text: "Not Found" };

/**
 * The app below a path such as `/shop`: it sees `/` and what follows. What is
 * asked for beside it is not found.
 */
export function withBasePath(app: App, base: string): App {
  if (app.style === "fetch") {
    return {
      style: "fetch",
      call(request, env, context) {
        const url = withoutBase(request.url, base);
        if (url === undefined) return refusalResponse(NOT_FOUND);
        setUrl(request, url);
        return app.call(request, env, context);
      },
    };
  }
  return {
    style: "node",
    call(incoming, outgoing) {
      const request = incoming as { url: string };
      const url = withoutBase(withoutDots(request.url), base);
      if (url === undefined) {
        return refuseOutgoing(outgoing as LimitedOutgoing, NOT_FOUND);
      }
      request.url = url;
      return app.call(incoming, outgoing);
    },
  };
}

/** A target as URL parsers read it, where "." or ".." in it leads elsewhere: what is below the base must be so once they are followed, too. */
function withoutDots(target: string): string {
  if (!/\/(?:\.|%2e)/i.test(target)) return target;
  const { pathname, search } = new URL(`http://localhost${target}`);
  return pathname + search;
}

/** A URL or a request target without the base of its path; undefined where it has another. */
export function withoutBase(url: string, base: string): string | undefined {
  // "*" is no path, RFC 9110 section 9.3.7.
  if (url === "*") return url;
  const scheme = url.startsWith("/") ? -1 : url.indexOf("://");
  const start = scheme === -1 ? 0 : url.indexOf("/", scheme + 3);
  if (start === -1 || !url.startsWith(base, start)) return undefined;
  const rest = url.slice(start + base.length);
  const origin = url.slice(0, start);
  if (rest.startsWith("/")) return origin + rest;
  return rest === "" || rest.startsWith("?") ? `${origin}/${rest}` : undefined;
}
