/** An app whose clients are sent to https where they came without. */
import type { RedirectHttps } from "../../http/engine/http-plan.ts";
import type { Peer } from "../../runtime/runtime.ts";
import type { App } from "../app/app.ts";
import { refusalResponse, refuseOutgoing } from "../call/outgoing.ts";
import type { LimitedOutgoing, OwnAnswer } from "../call/outgoing.ts";

const NO_HOST: OwnAnswer = { status: 400, text: "Bad Request" };

export interface RedirectOptions extends RedirectHttps {
  /** See `ServingRuntime.peerOf`. */
  peerOf(request: unknown, env: unknown): Peer | undefined;
}

/**
 * The app by https alone. Whether a request came so says its URL, which trusted
 * proxies have their part in. Those by a unix socket are a proxy's, which sees
 * to it itself.
 */
export function withRedirect(app: App, options: RedirectOptions): App {
  const isLocal = (request: unknown, env: unknown) =>
    options.peerOf(request, env)?.kind === "unix";
  if (app.style === "fetch") {
    return {
      style: "fetch",
      call(request, env, context) {
        if (!request.url.startsWith("http:") || isLocal(request, env)) {
          return app.call(request, env, context);
        }
        // One of HTTP/1.0 may name none, and has corn's own in its URL.
        const named = request.headers.has("host") ? request.url : undefined;
        return refusalResponse(answerTo(named, options));
      },
    };
  }
  return {
    style: "node",
    call(incoming, outgoing) {
      const { socket, headers, url } = incoming as Incoming;
      if (socket.encrypted || isLocal(incoming, outgoing)) {
        return app.call(incoming, outgoing);
      }
      const { host } = headers;
      const named = host === undefined ? undefined : `http://${host}${url}`;
      refuseOutgoing(outgoing as LimitedOutgoing, answerTo(named, options));
    },
  };
}

/** The part of a message of `node:http` that tells. */
interface Incoming {
  readonly socket: { readonly encrypted?: boolean };
  readonly headers: { readonly host?: string };
  readonly url: string;
}

/** 308, which keeps method and body (RFC 9110 section 15.4.9); the Host is valid. */
function answerTo(
  url: string | undefined,
  { port }: RedirectHttps,
): OwnAnswer {
  if (url === undefined) return NO_HOST;
  const location = new URL(url);
  location.protocol = "https:";
  location.port = String(port);
  return {
    status: 308,
    text: "Permanent Redirect",
    headers: { location: location.href },
  };
}
