/** WebSockets on `Bun.serve`, by the app's own handlers. */
import type {
  BunHandlers,
  SocketEnd,
  SocketKeeper,
  SocketOptions,
} from "../../src/runtime/runtime.ts";

import { noteUpgrade } from "../shared/servers/upgraded.ts";

/** The part of Bun's ServerWebSocket that corn uses. */
interface ServerSocket {
  close(code: number, reason: string): void;
  terminate(): void;
}

/** The part of Bun's server that makes one. */
interface UpgradingServer {
  upgrade(request: object, options?: unknown): boolean;
}

type Handler = (socket: ServerSocket, ...args: unknown[]) => unknown;

/** Stands for the response of the request that is upgraded now: Bun calls `open` within that. */
let opening: Response | undefined;

/** Notes which requests a server upgrades, for corn or for the app. */
export function watchUpgrades(server: UpgradingServer): void {
  const upgrade = server.upgrade.bind(server);
  server.upgrade = (request, options) => {
    // Bun sends nothing of a response after an upgrade.
    const response = new Response(null, { status: 101 });
    opening = response;
    try {
      if (!upgrade(request, options)) return false;
    } finally {
      opening = undefined;
    }
    noteUpgrade(request, response);
    return true;
  };
}

/** The app's handlers, and the keeper is told; undefined where the app has none. */
export function watchHandlers(
  { app, keeper }: SocketOptions,
): BunHandlers | undefined {
  return app?.style === "bun" ? watched(app.handlers, keeper) : undefined;
}

function watched(handlers: BunHandlers, keeper: SocketKeeper): BunHandlers {
  const ends = new WeakMap<object, (end: SocketEnd) => void>();
  const own: Record<string, unknown> = {};
  // A class's methods are no properties of their own, and need their object,
  // which Bun itself does not give them; a plain object's get none, as from
  // Bun: a bound function costs each message.
  const bare = [Object.prototype, null].includes(
    Object.getPrototypeOf(handlers),
  );
  for (const name in handlers) own[name] = handlers[name];
  for (const name of ["message", "drain", "ping", "pong", "error"]) {
    const handler = handlers[name];
    if (typeof handler === "function") {
      own[name] = bare ? handler : handler.bind(handlers);
    }
  }
  const call = (name: string, socket: ServerSocket, args: unknown[]) => {
    const handler = handlers[name] as Handler | undefined;
    return handler?.call(handlers, socket, ...args);
  };
  own.open = (socket: ServerSocket, ...args: unknown[]) => {
    ends.set(
      socket,
      keeper.keep({
        close: (code, reason) => socket.close(code, reason),
        cut: () => socket.terminate(),
      }, opening ?? socket),
    );
    return call("open", socket, args);
  };
  own.close = (socket: ServerSocket, ...args: unknown[]) => {
    ends.get(socket)?.({ code: args[0] as number });
    return call("close", socket, args);
  };
  return own;
}
