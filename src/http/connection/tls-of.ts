/** The TLS that a request came by. */
import type { TlsPeer } from "../../runtime/tls.ts";
import { tlsPeer } from "../tls/peer.ts";
import { WireRequest } from "../web/request.ts";

/** Undefined where it came without, or is no request of the wire engine. */
export function tlsOf(request: unknown): TlsPeer | undefined {
  const handshake = WireRequest.exchangeOf(request)?.channel.tls?.();
  return handshake && tlsPeer(handshake);
}
