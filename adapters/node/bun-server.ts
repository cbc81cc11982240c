/** What an app in the form of `Bun.serve` has of its server on Node: WebSockets, by corn's own codec. */
import type { Socket } from "node:net";
import type { ExchangeHandle } from "../../src/runtime/exchange.ts";
import type { TransportOptions } from "../../src/runtime/transport.ts";
import { noteUpgrade, switchedResponse } from "../shared/servers/upgraded.ts";
import { createWireSockets } from "../shared/servers/wire-sockets.ts";
import { Messages } from "./messages.ts";
import { addServerMembers, requestIP, serverKey } from "./server-env.ts";
import type { BunServer, ServerEnv } from "./server-env.ts";

/** The server of an app that has handlers for its WebSockets; undefined for others. */
export function bunServerOf(
  { sockets, channelOf, upgrade }: TransportOptions,
): BunServer | undefined {
  if (sockets?.style !== "bun") return undefined;
  const server = createWireSockets({
    handlers: sockets.handlers,
    channelOf,
    upgrade,
    onUpgrade: (request) => noteUpgrade(request, switchedResponse()),
  });
  return Object.assign(server, {
    requestIP: (request: object) =>
      requestIP(request, channelOf(request)?.peer()),
  });
}

export class ServerMessages extends Messages implements ServerEnv {
  readonly [serverKey]: BunServer;

  static {
    addServerMembers(this.prototype);
  }

  constructor(socket: Socket, exchange: ExchangeHandle, server: BunServer) {
    super(socket, exchange);
    this[serverKey] = server;
  }
}
