/** Who is at the other end of a connection. */
import type { Address, Peer } from "../../src/runtime.ts";

/** The part of `net.Socket` that tells. */
export interface PeerSocket {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

const listensOn = Symbol("corn.listensOn");
type Marked = PeerSocket & { [listensOn]?: Address["kind"] };

/** Notes what kind of socket a connection came by: its own silence may also mean that the client is gone. */
export function markSocket(socket: PeerSocket, { kind }: Address): void {
  if (kind === "unix") (socket as Marked)[listensOn] = kind;
}

/**
 * The peer of a marked socket. A client that reset its connection is read and
 * has no address any more (getpeername(2): ENOTCONN): that is nobody.
 */
export function peerOfSocket(socket: PeerSocket): Peer | undefined {
  if ((socket as Marked)[listensOn] === "unix") return { kind: "unix" };
  const { remoteAddress: address, remotePort: port } = socket;
  return address ? { kind: "tcp", address, port: port ?? 0 } : undefined;
}

/** The socket as one that comes from another peer: who reads where it comes from is told of that one. */
export function withPeer<Kind extends PeerSocket>(
  socket: Kind,
  peer: Peer,
): Kind {
  const { address, port } = peer.kind === "tcp"
    ? peer
    : { address: undefined, port: undefined };
  const family = address?.includes(":") ? "IPv6" : "IPv4";
  return Object.create(socket, {
    remoteAddress: { value: address },
    remotePort: { value: port },
    remoteFamily: { value: address && family },
    [listensOn]: { value: peer.kind },
  });
}

/** The peer of a request of `node:http`. */
export function peerOfIncoming(incoming: unknown): Peer | undefined {
  return peerOfSocket((incoming as { socket: PeerSocket }).socket);
}
