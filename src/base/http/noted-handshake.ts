/** What a handshake of TLS came to, noted on its socket, since `node:http` tells a listener of no more. */
import type { TlsHandshake } from "../../runtime/tls.ts";

const noted = Symbol("corn.handshake");
type Noting = { [noted]?: TlsHandshake };

export function noteHandshake(socket: object, handshake: TlsHandshake): void {
  (socket as Noting)[noted] = handshake;
}

/** Undefined for a socket without TLS. */
export function notedHandshake(
  socket: object | null | undefined,
): TlsHandshake | undefined {
  return (socket as Noting | null | undefined)?.[noted];
}
