/** Frames of WebSockets (RFC 6455 section 5), as a client sends them. */

/** The header fields of a handshake. */
export const HANDSHAKE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** What a frame may be beside its payload. */
export interface FrameParts {
  /** False for a part of a message that goes on. */
  readonly fin?: boolean;
  /** The three reserved bits. */
  readonly rsv?: number;
  /** False for a frame as only servers may send it. */
  readonly mask?: boolean;
  /** What it says its length is, where that is not the payload's. */
  readonly length?: number;
  /** Bytes in which the length stands, 0 for the header's own; the fewest unless given. */
  readonly width?: 0 | 2 | 8;
}

const KEY = [0x37, 0xfa, 0x21, 0x3d];

/** A frame of a client. */
export function masked(
  opcode: number,
  payload: string | Uint8Array = "",
  parts: FrameParts = {},
): Uint8Array<ArrayBuffer> {
  const { fin = true, rsv = 0, mask = true } = parts;
  const bytes = typeof payload === "string"
    ? new TextEncoder().encode(payload)
    : payload;
  const { length = bytes.length } = parts;
  const { width = length < 126 ? 0 : length < 65_536 ? 2 : 8 } = parts;
  const head = [
    (fin ? 0x80 : 0) | (rsv << 4) | opcode,
    (mask ? 0x80 : 0) | (width === 0 ? length : width === 2 ? 126 : 127),
  ];
  for (let at = width - 1; at >= 0; at--) {
    head.push(Math.floor(length / 256 ** at) % 256);
  }
  if (mask) head.push(...KEY);
  const frame = new Uint8Array(head.length + bytes.length);
  frame.set(head);
  for (const [at, byte] of bytes.entries()) {
    frame[head.length + at] = mask ? byte ^ KEY[at % 4]! : byte;
  }
  return frame;
}
