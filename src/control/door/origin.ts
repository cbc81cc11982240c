/** What the connections of one client have in common. */
import { formatIp, parseIp, unmapped } from "../../base/addresses/ip.ts";

/** Of an IPv6 address so much is the network's; one client may have all that are in it (RFC 6177). */
const NETWORK_BYTES = 8;

/** An address, or its network where one client may have many. */
export function originOf(address: string): string {
  // A link-local address has its link behind it.
  const parsed = parseIp(address.replace(/%.*$/, ""));
  if (parsed === undefined) return address;
  const bytes = unmapped(parsed);
  if (bytes.length === 4) return formatIp(bytes);
  return formatIp(bytes.slice().fill(0, NETWORK_BYTES));
}
