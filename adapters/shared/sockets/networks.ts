/** Sets of networks, as `node:net` keeps them. */
import { BlockList } from "node:net";
import type { Network } from "../../../src/runtime/runtime.ts";

/** See `Runtime.networkTest`. */
export function networkTest(
  networks: readonly Network[],
): (address: string) => boolean {
  const list = new BlockList();
  for (const { address, bits } of networks) {
    list.addSubnet(address, bits, familyOf(address));
  }
  return (address) => list.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}
