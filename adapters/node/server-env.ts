/** An `env` that has what apps call of `Bun.serve`'s server. */
import type { Peer, ShownClient } from "../../src/runtime/runtime.ts";
import type { WireSockets } from "../shared/servers/wire-sockets.ts";
import { peerOfClient, requestIPOf } from "../shared/sockets/peer.ts";
import type { RequestIP } from "../shared/sockets/peer.ts";

/** Those members. An app may keep the `env` of one request, and ask it for others. */
export interface BunServer extends WireSockets {
  requestIP(request: object): RequestIP | null;
}

/** Key of the server that is behind an env. */
export const serverKey = Symbol("corn.server");

export interface ServerEnv {
  readonly [serverKey]: BunServer;
}

type Client = NonNullable<ShownClient["client"]>;

/** Clients by their requests, where those came for others. */
const clients = new WeakMap<object, Client>();

export function noteClient(request: object, client: Client): void {
  clients.set(request, client);
}

/** The address of a request's client; `peer` is that of its connection, which may be a proxy's. */
export function requestIP(
  request: object,
  peer: Peer | undefined,
): RequestIP | null {
  const client = clients.get(request);
  return requestIPOf(client === undefined ? peer : peerOfClient(client));
}

/** Gives those members to the envs of a class. */
export function addServerMembers(prototype: ServerEnv): void {
  const names = ["upgrade", "publish", "subscriberCount", "requestIP"] as const;
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      value(this: ServerEnv, ...args: unknown[]) {
        const server = this[serverKey];
        return Reflect.apply(server[name], server, args);
      },
    });
  }
  Object.defineProperty(prototype, "pendingWebSockets", {
    get(this: ServerEnv) {
      return this[serverKey].pendingWebSockets;
    },
  });
}
