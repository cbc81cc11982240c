/** What is measured of WebSockets. */
import type { SocketWatcher } from "../gateway/sockets/open-sockets.ts";
import { closeName } from "./socket-figures.ts";
import type { Statsd } from "./statsd.ts";

/** Tells statsd of each. */
export function measureSockets(statsd: Statsd): SocketWatcher {
  return {
    onOpen: () => statsd.count("corn.websocket.opened"),
    onEnd(code, ms) {
      statsd.count(`corn.websocket.closed.${closeName(code)}`);
      statsd.timing("corn.websocket.duration", ms);
    },
  };
}
