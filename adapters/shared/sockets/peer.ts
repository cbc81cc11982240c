/** The peer of a connection. */
import type {
  Address,
  Peer,
  ShownClient,
} from "../../../src/runtime/runtime.ts";

/** The part of `net.Socket` that tells. */
export interface PeerSocket {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

const listensOn = Symbol("corn.listensOn");
const original = Symbol("corn.original");
type Marked<Kind = PeerSocket> = Kind & {
  [listensOn]?: Address["kind"];
  /** The socket itself, of one that shows a client. */
  readonly [original]?: Kind;
};

/** Key of the function of an env that gives the client it shows. */
export const clientKey = Symbol("corn.client");

/** An env that shows a client. */
export interface ClientEnv {
  [clientKey](request: unknown): Peer | undefined;
}

/** Notes what kind of socket a connection came by: its own silence may also mean that the client is gone. */
export function markSocket(socket: PeerSocket, { kind }: Address): void {
  if (kind === "unix") (socket as Marked)[listensOn] = kind;
}

/**
 * The peer of a marked socket. A client that reset its connection is read and
 * has no address any more (getpeername(2): ENOTCONN, ALL-RESET-ADDRESS): it
 * has no peer.
 */
export function peerOfSocket(socket: PeerSocket): Peer | undefined {
  if ((socket as Marked)[listensOn] === "unix") return { kind: "unix" };
  const { remoteAddress: address, remotePort: port } = socket;
  return address ? { kind: "tcp", address, port: port ?? 0 } : undefined;
}

/** The socket as one that comes from another peer: its address properties give that one. */
export function withPeer<Kind extends PeerSocket>(
  socket: Kind,
  peer: Peer,
): Kind {
  const { address, port } = peer.kind === "tcp"
    ? peer
    : { address: undefined, port: undefined };
  return Object.create(socket, {
    remoteAddress: { value: address },
    remotePort: { value: port },
    remoteFamily: { value: address && familyOf(address) },
    [listensOn]: { value: peer.kind },
  });
}

/** The peer of a request of `node:http`. */
export function peerOfIncoming(incoming: unknown): Peer | undefined {
  return peerOfSocket((incoming as { socket: PeerSocket }).socket);
}

/** The client that is shown, as a peer. */
export function peerOfClient(
  client: NonNullable<ShownClient["client"]>,
): Peer | undefined {
  return client.kind === "tcp" ? client : undefined;
}

/** As `net.Socket` names the family of an address. */
export function familyOf(address: string): "IPv4" | "IPv6" {
  return address.includes(":") ? "IPv6" : "IPv4";
}

/** What `requestIP()` of Bun's server returns. */
export interface RequestIP {
  readonly address: string;
  readonly port: number;
  readonly family: "IPv4" | "IPv6";
}

/** A peer as `requestIP()` returns it; null for one that is not connected over TCP. */
export function requestIPOf(peer: Peer | undefined): RequestIP | null {
  if (peer?.kind !== "tcp") return null;
  const { address, port } = peer;
  return { address, port, family: familyOf(address) };
}

/** The socket with another client's address, and as if it were one of TLS or not; the socket itself stays as it is. */
function socketShowing(
  socket: PeerSocket,
  { client, secure }: ShownClient,
): PeerSocket {
  const own = (socket as Marked)[original] ?? socket;
  const shown = new Map<string | symbol, unknown>([[original, own]]);
  if (secure !== undefined) shown.set("encrypted", secure);
  if (client !== undefined) {
    const { address, port } = client.kind === "tcp"
      ? client
      : { address: undefined, port: undefined };
    shown.set("remoteAddress", address);
    shown.set("remotePort", port);
    shown.set("remoteFamily", address && familyOf(address));
    shown.set(listensOn, "tcp");
  }
  return new Proxy(own, {
    get(target, name) {
      if (shown.has(name)) return shown.get(name);
      const value = Reflect.get(target, name, target);
      // Sockets have private fields, which a proxy has not.
      return typeof value === "function" && name !== "constructor"
        ? value.bind(target)
        : value;
    },
    // Frameworks ask whether there is an "encrypted" at all.
    has: (target, name) => shown.has(name) || Reflect.has(target, name),
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

/** A message of `node:http`, as far as it shows a client. */
interface Incoming {
  readonly socket: PeerSocket;
  readonly headers?: Record<string, unknown>;
}

/** Makes a message of `node:http` show another client. */
export function showInIncoming(
  message: unknown,
  shown: ShownClient,
): void {
  const incoming = message as Incoming;
  Object.defineProperty(incoming, "socket", {
    configurable: true,
    enumerable: true,
    writable: true,
    value: socketShowing(incoming.socket, shown),
  });
  const { host } = shown;
  if (host !== undefined && incoming.headers) incoming.headers.host = host;
}
