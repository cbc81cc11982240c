/** Addresses as `node:net` takes and gives them. */
import { connect, isIPv6 } from "node:net";
import type { AddressInfo, ListenOptions } from "node:net";
import process from "node:process";
import type { Address } from "../../../src/runtime/runtime.ts";
import { systemName } from "./unix-name.ts";

/** Options of `net.Server.listen` and `net.connect` for an address. */
export function netOptions(
  address: Address,
): ListenOptions & { host: string; port: number } | { path: string } {
  return address.kind === "unix"
    ? { path: systemName(address.path) }
    : { host: address.host, port: address.port };
}

/** The address of a host by its name. @throws the system's error */
export async function lookUp(host: string): Promise<string> {
  // Not imported: most binds are addresses.
  const { lookup } = process.getBuiltinModule("node:dns/promises");
  return (await lookup(host)).address;
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

/**
 * False where a connection is refused, or there is no such name. Any other
 * failure counts as an answer: the queue of a busy server may be full, and
 * another user's socket may be closed to this one.
 */
export function answers(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(netOptions(address));
    const finish = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(1000, () => finish(address.kind === "unix"));
    socket.once("connect", () => finish(true));
    socket.once(
      "error",
      ({ code }: { code?: string }) =>
        finish(
          address.kind === "unix" && code !== "ECONNREFUSED" &&
            code !== "ENOENT",
        ),
    );
  });
}

/** An address as a server of `node:net` says it. */
export function addressInfo(address: Address): AddressInfo | string {
  if (address.kind === "unix") return address.path;
  const { host, port } = address;
  return { address: host, family: isIPv6(host) ? "IPv6" : "IPv4", port };
}
