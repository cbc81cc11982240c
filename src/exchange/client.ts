/** Clients of the wire engine that stand behind trusted proxies. */
import type { Peer } from "../runtime/runtime.ts";

const clients = new WeakMap<object, { readonly peer: Peer | undefined }>();

/** Notes a request's client; undefined where the proxy does not tell. */
export function noteClient(request: object, peer: Peer | undefined): void {
  clients.set(request, { peer });
}

/** A request's client: the one that a trusted proxy told of, or else its connection's peer. */
export function clientOf(
  request: object,
  peer: () => Peer | undefined,
): Peer | undefined {
  const noted = clients.get(request);
  return noted === undefined ? peer() : noted.peer;
}
