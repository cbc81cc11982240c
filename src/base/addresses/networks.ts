/** Sets of peers: addresses, networks, unix sockets, or `*` for all of them. */
import { BoundedMap } from "../bounded-map.ts";
import { parseIp } from "./ip.ts";
import type { Network, Peer, Runtime } from "../../runtime/runtime.ts";

/** Tells whether a peer belongs to a set; an unknown peer belongs to `*` alone. */
export type PeerTest = (peer: Peer | undefined) => boolean;

/** An address is long forgotten before so many others came. */
const MAX_KNOWN = 256;

/**
 * The reason why the text is no member of a set, or undefined: an address, a
 * network (`10.0.0.0/8`), `unix` for unix sockets, `*` for any peer.
 */
export function networkProblem(text: string): string | undefined {
  if (text === "*" || text === "unix") return undefined;
  const slash = text.indexOf("/");
  const address = slash === -1 ? text : text.slice(0, slash);
  const bytes = parseIp(address);
  if (bytes === undefined) {
    return 'give IP addresses, networks such as 10.0.0.0/8, "unix" or "*"';
  }
  if (slash === -1) return undefined;
  const most = bytes.length * 8;
  const bits = readBits(text.slice(slash + 1), most);
  if (bits === undefined) return `give a prefix from 0 to ${most}`;
  return bytes.every((byte, at) => (byte & (0xff >> kept(bits, at))) === 0)
    ? undefined
    : `the address has bits beyond its prefix of ${bits}`;
}

export interface PeerTestOptions {
  readonly runtime: Pick<Runtime, "networkTest">;
  /** Remembers the answers by address. */
  readonly known?: BoundedMap<string, boolean>;
}

/** The test for a set whose members have no problem. */
export function peerTest(
  members: readonly string[],
  { runtime, known = new BoundedMap(MAX_KNOWN) }: PeerTestOptions,
): PeerTest {
  if (members.includes("*")) return () => true;
  const unix = members.includes("unix");
  const isInside = runtime.networkTest(
    members.filter((one) => one !== "unix").map(readNetwork),
  );
  return (peer) => {
    if (peer === undefined) return false;
    if (peer.kind === "unix") return unix;
    const { address } = peer;
    const before = known.get(address);
    if (before !== undefined) return before;
    // A link-local address comes with its zone.
    const plain = address.split("%", 1)[0] as string;
    // A runtime may read it less strictly, 010.0.0.1 for one.
    if (parseIp(plain) === undefined) return false;
    const found = isInside(plain);
    known.set(address, found);
    return found;
  };
}

function readNetwork(text: string): Network {
  const [address = "", prefix] = text.split("/");
  const most = address.includes(":") ? 128 : 32;
  return { address, bits: prefix === undefined ? most : Number(prefix) };
}

function readBits(text: string, most: number): number | undefined {
  const bits = Number(text);
  return text !== "" && String(bits) === text && Number.isInteger(bits) &&
      bits >= 0 && bits <= most
    ? bits
    : undefined;
}

/** How many bits of the byte at an index count. */
function kept(bits: number, at: number): number {
  return Math.min(8, Math.max(0, bits - at * 8));
}
