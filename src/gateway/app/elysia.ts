/** Elysia on Bun: it asks its `server` for WebSockets, and has their handlers in a module of its own, which its `listen()` would put together. */
import type { BunHandlers } from "../../runtime/runtime.ts";
import type { FetchApp } from "./app.ts";
import { isObject } from "./exports.ts";

/** The part of an app of Elysia that matters here. */
interface ElysiaApp {
  server: unknown;
  readonly config?: { readonly websocket?: BunHandlers };
}

/** True for one that does not listen. */
export function isElysia(value: unknown): value is ElysiaApp {
  return isObject(value) && value.server === null &&
    ["fetch", "handle", "ws", "listen"].every((name) =>
      typeof value[name] === "function"
    );
}

/** Its call, which tells it of the server before the first request. */
export function withServer(app: ElysiaApp, call: FetchApp): FetchApp {
  return (request, env, context) => {
    if (app.server === null && isObject(env) && "upgrade" in env) {
      app.server = env;
    }
    return call(request, env, context);
  };
}

/** The handlers of its WebSockets, by the module that it has them in. */
export function handlersOf(
  { config }: ElysiaApp,
  module: Readonly<Record<string, unknown>> | undefined,
): BunHandlers | undefined {
  const { websocket } = module ?? {};
  if (!isObject(websocket) || typeof websocket.message !== "function") return;
  return { ...websocket, ...config?.websocket };
}
