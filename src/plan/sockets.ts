/** What a worker is told of WebSockets. */
import type { Settings } from "../config/table/types.ts";
import type { SocketsPlan } from "../gateway/sockets/sockets-plan.ts";

export function planSockets(
  { websocketDrain, gracefulTimeout, maxWebsockets }: Settings,
): SocketsPlan {
  return {
    // A drain ends then.
    drainMs: Math.min(websocketDrain, gracefulTimeout) * 1000,
    most: maxWebsockets,
  };
}
