/** What a worker is told of WebSockets. */
import type { Settings } from "../config/table/types.ts";
import type { SocketsPlan } from "../gateway/sockets/sockets-plan.ts";

export function planSockets(
  settings: Settings,
): SocketsPlan {
  const { websocketDrain, gracefulTimeout, maxWebsockets } = settings;
  return {
    mostBytes: settings.websocketMaxMessage || Number.MAX_SAFE_INTEGER,
    pingMs: settings.websocketPing * 1000,
    // A drain ends then.
    drainMs: Math.min(websocketDrain, gracefulTimeout) * 1000,
    most: maxWebsockets,
  };
}
