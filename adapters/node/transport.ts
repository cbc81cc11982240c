/** The wire engine's transport on Node. */
import type { Transport } from "../../src/runtime/transport.ts";
import { createNetTransport } from "../shared/servers/net-transport.ts";
import { accept } from "./accept.ts";
import { lender } from "./lend.ts";
import { bunServerOf, ServerMessages } from "./bun-server.ts";
import { pusher } from "./push.ts";
import { Messages } from "./messages.ts";

export function createNodeTransport(): Transport {
  return createNetTransport({
    envFor: (_address, options) => {
      const server = bunServerOf(options);
      return server === undefined
        ? (socket, exchange) => new Messages(socket, exchange)
        : (socket, exchange) => new ServerMessages(socket, exchange, server);
    },
    ways: { lend: lender(), push: pusher() },
    rest(server) {
      accept(server, true);
      return { accept: (on) => accept(server, on) };
    },
  });
}
