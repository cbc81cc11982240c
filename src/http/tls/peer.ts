/** What a handshake came to, as apps see it. */
import type {
  PeerCertificate,
  TlsHandshake,
  TlsPeer,
} from "../../runtime/tls.ts";
import { readCertificate } from "./certificate.ts";

/** One for a connection, whose certificate is read once. */
const peers = new WeakMap<TlsHandshake, TlsPeer>();

export function tlsPeer(handshake: TlsHandshake): TlsPeer {
  let peer = peers.get(handshake);
  if (peer !== undefined) return peer;
  const { certificate, ...rest } = handshake;
  let read: PeerCertificate | undefined;
  peer = {
    ...rest,
    peerCertificate: () => read ??= certificate && readCertificate(certificate),
  };
  peers.set(handshake, peer);
  return peer;
}
