/** Node's engine: `node:http`, with `@hono/node-server` between its messages and Request/Response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Engine, EngineOptions } from "../../src/runtime.ts";
import { createNodeHttpEngine } from "../common/node-http.ts";
import { GuardedResponse } from "./guarded-response.ts";
import { turn } from "./turn.ts";

/**
 * Replaces the global Response by one whose body is written without a stream,
 * which is worth a factor of two.
 */
export async function prepare(): Promise<void> {
  const { getRequestListener } = await import("@hono/node-server");
  getRequestListener(() => new Response());
}

/** The messages behind a request, which `@hono/node-server` hands to the app. */
export function messages(
  env: unknown,
): readonly [incoming: unknown, outgoing: unknown] {
  const { incoming, outgoing } = env as {
    incoming: unknown;
    outgoing: unknown;
  };
  return [incoming, outgoing];
}

export async function engine(options: EngineOptions): Promise<Engine> {
  const { handler } = options;
  if (handler.style === "node") {
    return createNodeHttpEngine({
      ...options,
      listener: handler.node,
      feed: false,
      turn,
    });
  }
  const { getRequestListener } = await import("@hono/node-server");
  const bridge = getRequestListener(
    (request, env) => handler.fetch(request, env),
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
    bridge(incoming, outgoing).catch((error) => guarded.refuse(error));
  }

  // The bridge reads no body where there is none, so Node need not make a stream
  // of it. A Node that does not know the option ignores it (22.23).
  const server = {
    optimizeEmptyRequests: true,
    ServerResponse: GuardedResponse as typeof ServerResponse,
  };
  return createNodeHttpEngine({
    ...options,
    listener,
    feed: false,
    server,
    turn,
  });
}
