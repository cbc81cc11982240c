/** Node's engine: `node:http`, with `@hono/node-server` between its messages and Request/Response. */
import type { Engine, EngineOptions } from "../../src/runtime.ts";
import { createNodeHttpEngine } from "../common/node-http.ts";

/**
 * Replaces the global Response by one whose body is written without a stream,
 * which is worth a factor of two.
 */
export async function prepare(): Promise<void> {
  const { getRequestListener } = await import("@hono/node-server");
  getRequestListener(() => new Response());
}

export async function engine(options: EngineOptions): Promise<Engine> {
  const { handler } = options;
  if (handler.style === "node") {
    return createNodeHttpEngine({
      ...options,
      listener: handler.node,
      feed: false,
    });
  }
  const { getRequestListener } = await import("@hono/node-server");
  const listener = getRequestListener((request, env) =>
    handler.fetch(request, env)
  );
  // The bridge reads no body where there is none, so Node need not make a stream
  // of it. A Node that does not know the option ignores it (22.23).
  const server = { optimizeEmptyRequests: true };
  return createNodeHttpEngine({ ...options, listener, feed: false, server });
}
