/** Addresses as people write them. */
import type { Address, Peer } from "../../runtime/runtime.ts";

/** The canonical text: `127.0.0.1:8000`, `[::1]:8000`, `unix:/path`, `unix:@name`. */
export function addressText(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const { host, port } = address;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What to give a browser or curl: `http://127.0.0.1:8000`; a unix socket as `addressText` writes it. */
export function addressUrl(
  address: Address,
  scheme: "http" | "https" = "http",
): string {
  const text = addressText(address);
  return address.kind === "tcp" ? `${scheme}://${text}` : text;
}

/** What a log calls the other end of a connection. */
export function peerName(peer: Peer | undefined): string {
  if (peer === undefined) return "a peer that is gone";
  return peer.kind === "tcp" ? peer.address : "a unix socket";
}
