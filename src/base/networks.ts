/** Sets of peers: addresses, networks, unix sockets, everybody. */
import { BoundedMap } from "./bounded-map.ts";
import { parseIp, unmapped } from "./ip.ts";
import type { Peer } from "../runtime/runtime.ts";

/** Tells whether a peer belongs to a set; one that nobody knows only belongs to everybody. */
export type PeerTest = (peer: Peer | undefined) => boolean;

interface Network {
  readonly bytes: Uint8Array;
  /** How many of the first bits count. */
  readonly bits: number;
}

/** An address is long forgotten before so many others came. */
const MAX_KNOWN = 256;

/**
 * The reason why the text is no member of a set, or undefined: an address, a
 * network (`10.0.0.0/8`), `unix` for unix sockets, `*` for everybody.
 */
export function networkProblem(text: string): string | undefined {
  if (text === "*" || text === "unix") return undefined;
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const bytes = parseIp(address);
  if (bytes === undefined) {
    return 'give IP addresses, networks such as 10.0.0.0/8, "unix" or "*"';
  }
  if (slash < 0) return undefined;
  const most = bytes.length * 8;
  const bits = readBits(text.slice(slash + 1), most);
  if (bits === undefined) return `give a prefix from 0 to ${most}`;
  return contains({ bytes: masked(bytes, bits), bits: most }, bytes)
    ? undefined
    : `the address has bits beyond its prefix of ${bits}`;
}

/** The test for a set whose members have no problem; `known` remembers its answers. */
export function peerTest(
  members: readonly string[],
  known: BoundedMap<string, boolean> = new BoundedMap(MAX_KNOWN),
): PeerTest {
  if (members.includes("*")) return () => true;
  const unix = members.includes("unix");
  const networks = members.filter((one) => one !== "unix").map(readNetwork);
  return (peer) => {
    if (peer === undefined) return false;
    if (peer.kind === "unix") return unix;
    const { address } = peer;
    const before = known.get(address);
    if (before !== undefined) return before;
    // A link-local address comes with its zone.
    const bytes = parseIp(address.split("%", 1)[0] as string);
    if (bytes === undefined) return false;
    const short = unmapped(bytes);
    const found = networks.some((network) =>
      contains(network, bytes) || contains(network, short)
    );
    known.set(address, found);
    return found;
  };
}

function readNetwork(text: string): Network {
  const [address = "", prefix] = text.split("/");
  const bytes = parseIp(address) ?? new Uint8Array();
  const most = bytes.length * 8;
  const bits = prefix === undefined ? most : readBits(prefix, most) ?? most;
  return { bytes, bits };
}

function readBits(text: string, most: number): number | undefined {
  const bits = Number(text);
  return text !== "" && String(bits) === text && Number.isInteger(bits) &&
      bits >= 0 && bits <= most
    ? bits
    : undefined;
}

/** The bytes with all bits after the first ones off. */
function masked(bytes: Uint8Array, bits: number): Uint8Array {
  return bytes.map((byte, at) => {
    const kept = Math.min(8, Math.max(0, bits - at * 8));
    return byte & (0xff00 >> kept) & 0xff;
  });
}

function contains({ bytes, bits }: Network, address: Uint8Array): boolean {
  if (bytes.length !== address.length) return false;
  const own = masked(bytes, bits);
  return masked(address, bits).every((byte, at) => byte === own[at]);
}
