/** What is measured of WebSockets. */
import type { SocketWatcher } from "../gateway/sockets/open-sockets.ts";
import type { Statsd } from "./statsd.ts";

/** Tells statsd of each. */
export function measureSockets(statsd: Statsd): SocketWatcher {
  return {
    onOpen: () => statsd.count("corn.websocket.opened"),
    onEnd(code, ms) {
      // Those from 3000 on are the app's, of which there may be any number.
      const name = code >= 3000 ? "app" : code;
      statsd.count(`corn.websocket.closed.${name}`);
      statsd.timing("corn.websocket.duration", ms);
    },
  };
}
