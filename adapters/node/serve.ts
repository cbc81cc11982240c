/** Node's engine: `node:http`, with `@hono/node-server` between its messages and Request/Response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ClientFailure } from "../../src/base/http/client-failure.ts";
import type {
  Engine,
  EngineOptions,
  RequestHandler,
} from "../../src/runtime/runtime.ts";
import { createNodeHttpEngine } from "../shared/servers/node-http.ts";
import { GuardedResponse } from "./guarded-response.ts";
import { accept } from "./accept.ts";

/** @throws Error where the package is not installed */
async function loadBridge() {
  try {
    return await import("@hono/node-server");
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") {
      throw cause;
    }
    throw new Error(
      "Cannot serve without the package @hono/node-server: install what corn depends on, in a clone by npm ci --omit=dev",
      { cause },
    );
  }
}

/**
 * Replaces the global Response by one whose body is written without a stream,
 * which is worth a factor of two.
 */
export async function installWebGlobals(): Promise<void> {
  const { getRequestListener } = await loadBridge();
  getRequestListener(() => new Response());
}

/**
 * Makes the bridge's requests abort with an error, as all others do: it gives
 * its signals a text (2.1.8, NODE-BRIDGE-ABORT-TEXT), by a method that a symbol
 * names.
 */
function nameAborts(request: object): void {
  const prototype = Object.getPrototypeOf(request);
  const symbol = Object.getOwnPropertySymbols(prototype).find((one) =>
    one.description === "abortRequest"
  );
  if (symbol === undefined) return;
  const abort: (reason: unknown) => void = prototype[symbol];
  prototype[symbol] = function (this: unknown, reason: unknown) {
    abort.call(this, new ClientFailure(String(reason)));
  };
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { handler } = options;
  if (handler.style === "node") {
    return createNodeHttpEngine({
      ...options,
      listener: handler.node,
      feed: false,
      accept,
    });
  }
  const { getRequestListener } = await loadBridge();
  let fetch: RequestHandler["fetch"] = (request, env) => {
    nameAborts(request);
    fetch = handler.fetch;
    return fetch(request, env);
  };
  const bridge = getRequestListener(
    (request, env) => fetch(request, env),
    // Of a request that names none, as HTTP/1.0 may.
    { hostname: "localhost" },
  );

  function onFailure({ req }: GuardedResponse, error: unknown): void {
    const path = req.url?.split("?")[0];
    const { message } = error instanceof Error
      ? error
      : { message: String(error) };
    options.report(`Response to ${req.method} ${path} failed: ${message}`);
  }

  function listener(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const guarded = outgoing as GuardedResponse;
    guarded.onFailure = onFailure;
    // A body that is not as long as it says would be read as the next answer.
    guarded.strictContentLength = true;
    bridge(incoming, outgoing).catch((error) => guarded.refuse(error));
  }

  // The bridge reads no body where there is none, so Node need not make a
  // stream of it. A Node that does not know the option ignores it (22.23,
  // NODE-EMPTY-REQUESTS).
  const server = {
    optimizeEmptyRequests: true,
    ServerResponse: GuardedResponse as typeof ServerResponse,
  };
  return createNodeHttpEngine({
    ...options,
    listener,
    feed: false,
    server,
    accept,
  });
}
