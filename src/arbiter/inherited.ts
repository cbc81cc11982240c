/** Listening sockets that corn was started with: systemd's, or those of `fd://N`. */
import { BindError, codeOf, messageOf } from "../errors.ts";
import type { Address, Files, Listener } from "../runtime.ts";

/** TCP_LISTEN in /proc/net/tcp, and the flag of a listening socket in /proc/net/unix, see proc(5). */
const TCP_LISTEN = "0A";
const UNIX_LISTENS = "00010000";

/** What a descriptor listens on, and nothing that closes it: it belongs to who passed it. @throws BindError */
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
  const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
  if (inode === undefined) throw refuse(`it is no socket but ${link}`);
  const address = tcpAddress(inode, files) ?? unixAddress(inode, files);
  if (address !== undefined) return address;
  throw refuse("it is a socket that does not listen");
}

function rows(path: string, files: Files): string[][] {
  return (files.readText(path) ?? "").split("\n").map((line) =>
    line.trim().split(/\s+/)
  );
}

function tcpAddress(inode: string, files: Files): Address | undefined {
  for (const name of ["tcp", "tcp6"]) {
    for (const fields of rows(`/proc/self/net/${name}`, files)) {
      if (fields[9] !== inode || fields[3] !== TCP_LISTEN) continue;
      const [host = "", port = ""] = (fields[1] ?? "").split(":");
      return { kind: "tcp", host: readHost(host), port: parseInt(port, 16) };
    }
  }
  return undefined;
}

function unixAddress(inode: string, files: Files): Address | undefined {
  for (const fields of rows("/proc/self/net/unix", files)) {
    if (fields[6] !== inode || fields[3] !== UNIX_LISTENS) continue;
    return { kind: "unix", path: fields.slice(7).join(" ") };
  }
  return undefined;
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
