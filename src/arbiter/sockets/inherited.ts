/** Listening sockets that corn was started with: systemd's, or those of `fd://N`. */
import { BindError, codeOf, messageOf } from "../../base/errors.ts";
import type { Address, Files, Listener } from "../../runtime/runtime.ts";
import { inodeOf, listeningTcp, listeningUnix } from "./socket-table.ts";

/** A descriptor that was passed, as a listener whose close() leaves it open: it belongs to the process that passed it. @throws BindError */
export function inheritListener(descriptor: number, files: Files): Listener {
  const address = identifySocket(descriptor, files);
  return { address, queues: [descriptor], close() {} };
}

/** The address of a listening socket, from /proc. @throws BindError for anything else */
export function identifySocket(descriptor: number, files: Files): Address {
  const refuse = (state: string, cause?: unknown) =>
    new BindError(`Cannot serve on fd://${descriptor}: ${state}`, { cause });
  let link: string;
  try {
    link = files.readLink(`/proc/self/fd/${descriptor}`);
  } catch (cause) {
    const missing = codeOf(cause) === "ENOENT";
    throw refuse(
      missing ? "corn was started without it" : messageOf(cause),
      cause,
    );
  }
  const inode = inodeOf(link);
  if (inode === undefined) throw refuse(`it is no socket but ${link}`);
  for (const { host, port, ...one } of listeningTcp(files)) {
    if (one.inode !== inode) continue;
    return { kind: "tcp", host: readHost(host), port: parseInt(port, 16) };
  }
  for (const { path, ...one } of listeningUnix(files)) {
    if (one.inode === inode) return { kind: "unix", path };
  }
  throw refuse("it is a socket that does not listen");
}

/** The kernel writes an address as 32-bit words in the machine's order, which is little-endian here. */
function readHost(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => parseInt(byte, 16))
  );
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from(
    { length: 8 },
    (_, group) =>
      ((bytes[2 * group]! << 8) | bytes[2 * group + 1]!).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
