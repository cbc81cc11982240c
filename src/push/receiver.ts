/** How receivers are written. */
import type { Receiver } from "../runtime.ts";

/** `udp://localhost:514`, `unix:///dev/log#dgram`. */
export function nameReceiver(receiver: Receiver): string {
  switch (receiver.kind) {
    case "unix-datagram":
      return `unix://${receiver.path}#dgram`;
    case "unix-stream":
      return `unix://${receiver.path}#stream`;
    default: {
      const { kind, host, port } = receiver;
      return `${kind}://${host.includes(":") ? `[${host}]` : host}:${port}`;
    }
  }
}

/** True for a host that must be looked up. */
export function isName(host: string): boolean {
  return !host.includes(":") && !/^[\d.]+$/.test(host);
}
