/** The wire engine's transport on Node. */
import type { Transport } from "../../src/runtime/transport.ts";
import { createNetTransport } from "../shared/servers/net-transport.ts";
import { accept } from "./accept.ts";
import { lender } from "./lend.ts";
import { Messages } from "./messages.ts";

export function createNodeTransport(): Transport {
  return createNetTransport({
    envFor: () => (socket, exchange) => new Messages(socket, exchange),
    lend: lender(),
    rest: (server) => ({ accept: (on) => accept(server, on) }),
  });
}
