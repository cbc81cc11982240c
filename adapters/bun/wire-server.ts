/** What an app that the wire engine serves has of `Bun.serve`'s server. */
import type { Address } from "../../src/runtime/runtime.ts";
import type { TransportOptions } from "../../src/runtime/transport.ts";
import { asksForSocket } from "../../src/base/http/field-list.ts";
import { noteUpgrade } from "../shared/servers/upgraded.ts";
import { requestIPOf } from "../shared/sockets/peer.ts";
import { createWireSockets } from "../shared/servers/wire-sockets.ts";

/** What Bun's server says where it has no handlers. */
const NO_SOCKETS = {
  pendingWebSockets: 0,
  upgrade(request: Request) {
    if (!asksForSocket(request.headers.get("upgrade"))) return false;
    throw new TypeError(
      'Cannot upgrade to a WebSocket: the app exports no "websocket" with its handlers',
    );
  },
};

/** The part of Bun's server that apps ask. */
export function serverOf(
  address: Address,
  { channelOf, upgrade, sockets }: TransportOptions,
): unknown {
  // Over a unix socket Bun's own server has neither.
  const { hostname, port } = address.kind === "tcp"
    ? { hostname: address.host, port: address.port }
    : { hostname: undefined, port: undefined };
  const websockets = sockets?.style === "bun"
    ? createWireSockets({
      handlers: sockets.handlers,
      channelOf,
      upgrade,
      onUpgrade: (request) =>
        noteUpgrade(request, new Response(null, { status: 101 })),
    })
    : NO_SOCKETS;
  const server = {
    hostname,
    port,
    development: false,
    requestIP(request: Request) {
      return requestIPOf(channelOf(request)?.peer());
    },
    timeout() {},
  };
  // One of them is asked anew each time.
  const members = Object.getOwnPropertyDescriptors(websockets);
  return Object.defineProperties(server, members);
}
