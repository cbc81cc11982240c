/** The handshake of a WebSocket: RFC 6455 section 4.2. */
import { asksForSocket } from "../../base/http/field-list.ts";
import type { Head } from "../h1/head.ts";
import { sha1 } from "./sha1.ts";

/** What a key is answered with. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What a client asks for. */
export interface Offer {
  readonly key: string;
  /** The subprotocols that it speaks, the one that it likes best first. */
  readonly protocols: readonly string[];
}

/** The answer to a key. */
export function acceptKey(key: string): string {
  return btoa(String.fromCharCode(...sha1(key + GUID)));
}

/** Reads a handshake; undefined where a request is none, or not a whole one. */
export function readOffer(head: Head): Offer | undefined {
  if (!head.upgrades || head.method !== "GET" || head.minor === 0) return;
  if (head.framing !== "none") return;
  if (!asksForSocket(head.field("upgrade"))) return;
  if (head.field("sec-websocket-version") !== "13") return;
  const key = head.field("sec-websocket-key");
  // Sixteen bytes as base64.
  if (key === undefined || !/^[A-Za-z\d+/]{21}[AQgw]==$/.test(key)) return;
  const protocols = (head.field("sec-websocket-protocol") ?? "").split(",")
    .map((one) => one.trim()).filter((one) => one !== "");
  return { key, protocols };
}

/** The head of the answer; `fields` are names and values, one after the other, that a head may have. */
export function acceptHead(
  { key }: Offer,
  protocol: string | undefined,
  fields: readonly string[],
): string {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "upgrade: websocket",
    "connection: Upgrade",
    `sec-websocket-accept: ${acceptKey(key)}`,
  ];
  if (protocol !== undefined) lines.push(`sec-websocket-protocol: ${protocol}`);
  for (let at = 0; at < fields.length; at += 2) {
    lines.push(`${fields[at]}: ${fields[at + 1]}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}
