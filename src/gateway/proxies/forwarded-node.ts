/** Clients as proxies write them: RFC 7239 section 6, and the ways of X-Forwarded-For. */
import { BoundedMap } from "../../base/bounded-map.ts";
import { formatIp, parseIp, unmapped } from "../../base/addresses/ip.ts";
import type { Peer } from "../../runtime/runtime.ts";

/** The client that a proxy got a request from; `hidden` where it does not tell. */
export type ForwardedNode = Extract<Peer, { kind: "tcp" }> | {
  readonly kind: "hidden";
};

const HIDDEN: ForwardedNode = { kind: "hidden" };

/** An address, perhaps with a port; brackets hold one of IPv6. */
const NODE = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::(\d{1,5}|_[\w.-]+))?$/i;

/** Reads a `for` of Forwarded, or undefined where it is not valid. */
export function parseNode(text: string): ForwardedNode | undefined {
  if (/^(?:unknown|_[\w.-]+)(?::(?:\d{1,5}|_[\w.-]+))?$/i.test(text)) {
    return HIDDEN;
  }
  const [, v6, v4, port] = NODE.exec(text) ?? [];
  const bytes = parseIp(v6 ?? v4 ?? "");
  // Brackets hold nothing else, RFC 7239 section 6.
  if (bytes === undefined || (bytes.length === 16) !== (v6 !== undefined)) {
    return undefined;
  }
  const number = port === undefined || port.startsWith("_") ? 0 : Number(port);
  if (number > 65535) return undefined;
  // A server on `::` has clients of IPv4 in such a form.
  return { kind: "tcp", address: formatIp(unmapped(bytes)), port: number };
}

/** No address with a port is longer. */
const MAX_LENGTH = 64;
/** A client sends many requests one after the other, and few clients are active at a time. */
const read = new BoundedMap<string, ForwardedNode>(1024);

/** Reads an entry of X-Forwarded-For, which may be an IPv6 address without brackets. */
export function parseEntry(
  text: string,
  known = read,
): ForwardedNode | undefined {
  const before = known.get(text);
  if (before !== undefined) return before;
  const node = readEntry(text);
  if (node !== undefined && text.length <= MAX_LENGTH) known.set(text, node);
  return node;
}

function readEntry(text: string): ForwardedNode | undefined {
  const bytes = parseIp(text);
  if (bytes === undefined) return parseNode(text);
  return { kind: "tcp", address: formatIp(unmapped(bytes)), port: 0 };
}
