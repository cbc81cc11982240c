/** Node's engine: `node:http`, with `@hono/node-server` between its messages and Request/Response. */
import type { Server } from "node:net";
import { constants } from "node:os";
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

/** What a `net.Server` listens with; a stream of libuv, with what streams have. */
interface ListeningHandle {
  readStart?(): number;
  readStop?(): number;
}

/**
 * Lets a listening socket rest, which `net.Server` has no call for (Node 26):
 * libuv's uv_read_stop() ends the wait for connections as it does for data. It
 * does so for a handle that reads only, hence the start before it.
 */
function turn(server: Server, on: boolean): boolean {
  const handle = (server as Server & { _handle?: ListeningHandle })._handle;
  const begun = handle?.readStart?.();
  if (begun !== 0 && begun !== -constants.errno.EALREADY) return false;
  return on || handle?.readStop?.() === 0;
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
  const listener = getRequestListener((request, env) =>
    handler.fetch(request, env)
  );
  // The bridge reads no body where there is none, so Node need not make a stream
  // of it. A Node that does not know the option ignores it (22.23).
  const server = { optimizeEmptyRequests: true };
  return createNodeHttpEngine({
    ...options,
    listener,
    feed: false,
    server,
    turn,
  });
}
