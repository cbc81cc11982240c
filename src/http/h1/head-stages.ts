/** What the parser goes through in a head, and why it stops: RFC 9112 sections 2, 3 and 5. */
import type { Verdict } from "./verdict.ts";

/** No known method is longer, RFC 9112 section 3. */
export const MAX_METHOD: number = 24;

/** `HTTP/1.1` and its line end; `DIGIT` stands for a digit. */
export const VERSION: Uint8Array = Uint8Array.from(
  "HTTP/d.d\r\n",
  (one) => one.charCodeAt(0),
);
/** What stands for a digit. */
export const DIGIT: number = "d".charCodeAt(0);

/** How far the reading of a head is. */
export const Stage = {
  start: 0,
  startLf: 1,
  method: 2,
  target: 3,
  version: 4,
  field: 5,
  name: 6,
  blank: 7,
  value: 8,
  valueLf: 9,
  endLf: 10,
} as const;

/** Why heads and trailers are refused. */
export const refusals = {
  start: { status: 400, reason: "Invalid request line" },
  method: { status: 501, reason: "Unknown method" },
  targetSize: { status: 414, reason: "The request line is too long" },
  target: { status: 400, reason: "Invalid request target" },
  version: { status: 400, reason: "Invalid version" },
  newer: { status: 505, reason: "This server speaks HTTP/1.1" },
  name: { status: 400, reason: "Invalid field name" },
  value: { status: 400, reason: "Invalid field value" },
  fold: { status: 400, reason: "A field line begins with white space" },
  lineEnd: { status: 400, reason: "Invalid line end" },
  fieldSize: { status: 431, reason: "A field is too large" },
  fields: { status: 431, reason: "Too many fields" },
  trailer: { status: 400, reason: "A trailer that would frame the message" },
} as const satisfies Record<string, Verdict>;

/** Fields that decide how a message is read, by the length of their names. */
export const framingNames: Readonly<Record<number, string>> = {
  4: "host",
  6: "expect",
  7: "upgrade",
  10: "connection",
  14: "content-length",
  17: "transfer-encoding",
};
