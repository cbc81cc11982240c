/** Addresses as `node:net` takes and gives them. */
import { connect } from "node:net";
import type { AddressInfo, ListenOptions } from "node:net";
import type { Address } from "../../src/runtime.ts";

/** Options of `net.Server.listen` and `net.connect` for an address. */
export function netOptions(
  address: Address,
): ListenOptions & { host: string; port: number } | { path: string } {
  return address.kind === "unix"
    ? { path: address.path }
    : { host: address.host, port: address.port };
}

/** What a server says of itself, as an Address; `asked` where it cannot say. */
export function addressFrom(
  info: AddressInfo | string | null,
  asked: Address,
): Address {
  if (info === null || typeof info === "string" || asked.kind === "unix") {
    return asked;
  }
  return { kind: "tcp", host: asked.host, port: info.port };
}

/** True when somebody accepts connections at the address within a second. */
export function answers(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(netOptions(address));
    const settle = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(1000, () => settle(false));
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
