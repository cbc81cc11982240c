/** What of the user's module serves WebSockets, beside the app. */
import { AppError } from "../../base/errors.ts";
import type { BunHandlers, SocketApp, Upgrade } from "../../runtime/runtime.ts";
import { handlersOf, isElysia } from "./elysia.ts";
import { isObject } from "./exports.ts";
import type { Module } from "./exports.ts";

/** Loads the copy of a package that the app has; undefined where it has none. */
export type ImportBeside = (
  name: string,
) => Promise<Record<string, unknown> | undefined>;

/** The part of `http.Server` that apps and libraries listen to. */
export interface AppServer {
  readonly listening: boolean;
  emit(event: string, ...args: unknown[]): boolean;
  listenerCount(event: string): number;
}

/** Where it is looked for. */
export interface SocketQuery {
  readonly module: Module;
  /** The app's export, or what its factory made. */
  readonly made: unknown;
  /** The app's own fetch. */
  readonly fetch: unknown;
  /** The app as it was asked for. */
  readonly text: string;
  readonly beside?: ImportBeside | undefined;
}

/** True for a server of `node:http` or `node:https`. */
export function isHttpServer(value: unknown): value is AppServer {
  return isObject(value) &&
    ["emit", "listen", "listenerCount", "close"].every((name) =>
      typeof value[name] === "function"
    ) && "listening" in value && "requestTimeout" in value;
}

/** What serves the WebSockets of a server's listeners, whenever those come. */
export function socketsOf(server: AppServer): SocketApp {
  return {
    style: "node",
    takes: () => server.listenerCount("upgrade") > 0,
    upgrade(incoming, socket, head) {
      server.emit("upgrade", incoming, socket, head);
    },
  };
}

/** Finds it. @throws AppError for what cannot be used */
export async function findSockets(
  query: SocketQuery,
): Promise<SocketApp | undefined> {
  const { module, made } = query;
  const holders = [made, module, module.default].filter(isObject);
  const named = (name: string) =>
    holders.map((one) => one[name]).find((one) => one !== undefined);
  if (isHttpServer(made)) return socketsOf(made);
  if (isElysia(made)) {
    const handlers = handlersOf(made, await query.beside?.("elysia/ws"));
    return handlers && { style: "bun", handlers };
  }
  const websocket = named("websocket");
  if (isObject(websocket)) {
    if (typeof websocket.message === "function") {
      return { style: "bun", handlers: websocket as BunHandlers };
    }
    const { server } = websocket;
    if (isObject(server) && typeof server.handleUpgrade === "function") {
      return await serveByNodeServer(websocket, query);
    }
  }
  const inject = named("injectWebSocket");
  if (typeof inject === "function") {
    return collect((server) => inject(server));
  }
  const upgrade = named("upgrade");
  return typeof upgrade === "function"
    ? { style: "node", upgrade: upgrade as Upgrade }
    : undefined;
}

/** Takes the listeners that a library adds to a server. */
function collect(add: (server: object) => unknown): SocketApp {
  const listeners: Upgrade[] = [];
  const on = (event: string, listener: Upgrade) => {
    if (event === "upgrade") listeners.push(listener);
    return server;
  };
  const server = {
    on,
    addListener: on,
    once: on,
    off: () => server,
    listenerCount: (event: string) =>
      event === "upgrade" ? listeners.length : 0,
  };
  add(server);
  return {
    style: "node",
    upgrade: (incoming, socket, head) =>
      Promise.all(listeners.map((run) => run(incoming, socket, head))),
  };
}

/**
 * `websocket: { server }` of `@hono/node-server`: what its `upgradeWebSocket`
 * says to the server side is a secret of each copy of the package, so it is the
 * app's copy that must listen.
 */
async function serveByNodeServer(
  websocket: Record<string, unknown>,
  { fetch, beside, text }: SocketQuery,
): Promise<SocketApp> {
  const bridge = await beside?.("@hono/node-server");
  const { createAdaptorServer } = bridge ?? {};
  if (typeof createAdaptorServer !== "function") {
    throw new AppError(
      `Cannot serve the WebSockets of "${text}": its "websocket.server" is for the package @hono/node-server, which is not found beside it`,
    );
  }
  return collect((server) =>
    createAdaptorServer({
      fetch,
      websocket,
      overrideGlobalObjects: false,
      createServer: () => server,
    })
  );
}
