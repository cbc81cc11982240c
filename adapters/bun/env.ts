/** The `env` of an app on Bun: the server. */
import type { Peer, ShownClient } from "../../src/runtime/runtime.ts";
import {
  clientKey,
  familyOf,
  peerOfClient,
  peerOfIncoming,
  showInIncoming,
} from "../shared/sockets/peer.ts";
import type { ClientEnv } from "../shared/sockets/peer.ts";

/** The part of Bun's server that tells of clients. */
interface Server {
  /** Undefined where it listens on a unix socket. */
  readonly port: number | undefined;
  /** Null over a unix socket, and once the client is gone. */
  requestIP(
    request: unknown,
  ): { readonly address: string; readonly port: number } | null;
}

type Client = NonNullable<ShownClient["client"]>;

/** Clients by their requests, which is what Bun's own server knows them by. */
const clients = new WeakMap<object, Client>();
const shownServers = new WeakMap<object, object>();

/** The server as one that tells of those clients. */
function showingServer(server: Server): object {
  const tell: ClientEnv & Pick<Server, "requestIP"> = {
    [clientKey](request) {
      const client = clients.get(request as object);
      return client === undefined
        ? peerOf(request, server)
        : peerOfClient(client);
    },
    requestIP(request) {
      const client = clients.get(request as object);
      if (client === undefined) return server.requestIP(request);
      if (client.kind === "hidden") return null;
      const { address, port } = client;
      return { address, family: familyOf(address), port };
    },
  };
  return new Proxy(server, {
    get(target, name) {
      if (name in tell) return Reflect.get(tell, name);
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** See `ServingRuntime.peerOf`. */
export function peerOf(request: unknown, env: unknown): Peer | undefined {
  const server = env as Partial<Server & ClientEnv>;
  if (server.requestIP === undefined) return peerOfIncoming(request);
  if (server[clientKey] !== undefined) return server[clientKey](request);
  const seen = server.requestIP(request);
  if (seen !== null) {
    return { kind: "tcp", address: seen.address, port: seen.port };
  }
  return server.port === undefined ? { kind: "unix" } : undefined;
}

/** See `NativeRequests.hostOf`. */
export function hostOf(request: unknown): string | null {
  return (request as Request).headers.get("host");
}

/** See `ServingRuntime.showClient`. */
export function showClient(
  request: unknown,
  env: unknown,
  shown: ShownClient,
): unknown {
  const server = env as Server;
  if (server.requestIP === undefined) {
    showInIncoming(request, shown);
    return env;
  }
  if (shown.client === undefined) return env;
  clients.set(request as object, shown.client);
  let showing = shownServers.get(server);
  if (showing === undefined) {
    showing = showingServer(server);
    shownServers.set(server, showing);
  }
  return showing;
}
