/** The peer of a socket, as Linux writes it down: `struct sockaddr_in` and `sockaddr_in6`. */
import type { Peer } from "../../src/runtime/runtime.ts";
import type { SocketCalls } from "./socket-calls.ts";

const AF_INET = 2;
const AF_INET6 = 10;
/** Size of a `struct sockaddr_in6`, the larger one. */
const BYTES = 28;

const name = new Uint8Array(BYTES);
const view = new DataView(name.buffer);
const size = new Uint32Array(1);
const sizeBytes = new Uint8Array(size.buffer);

/** Asks the system; undefined where the client is gone. */
export function readPeer(
  calls: SocketCalls,
  socket: number,
): Peer | undefined {
  size[0] = BYTES;
  if (calls.getpeername(socket, name, sizeBytes) !== 0) return undefined;
  const port = view.getUint16(2);
  const family = view.getUint16(0, true);
  if (family === AF_INET) {
    return { kind: "tcp", address: name.subarray(4, 8).join("."), port };
  }
  if (family !== AF_INET6) return undefined;
  return { kind: "tcp", address: textOf6(), port };
}

/** An IPv6 address at its place in `name`, in the shortest form; one that stands for an IPv4 address with that in it. */
function textOf6(): string {
  const groups = Array.from(
    { length: 8 },
    (_, at) => view.getUint16(8 + 2 * at),
  );
  if (groups[5] === 0xffff && groups.slice(0, 5).every((one) => one === 0)) {
    return `::ffff:${name.subarray(20, 24).join(".")}`;
  }
  const long = groups.map((one) => one.toString(16)).join(":");
  return new URL(`http://[${long}]/`).hostname.slice(1, -1);
}
