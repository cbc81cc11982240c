/** Answers as bytes. */
import { jsonText } from "../../base/json-text.ts";
import type { Reply, SentEvent } from "./route.ts";

const encoder = new TextEncoder();

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  202: "Accepted",
  302: "Found",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  417: "Expectation Failed",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/** Nothing that is told is anybody else's to keep, to guess about or to show in a frame. */
const ALWAYS = "cache-control: no-store\r\nx-content-type-options: nosniff\r\n";

export interface ResponseOptions {
  readonly closes: boolean;
  /** True to leave the body out, as HEAD wants it. */
  readonly headOnly?: boolean;
}

/** A whole answer. */
export function responseBytes(
  reply: Exclude<Reply, { events: unknown }>,
  { closes, headOnly = false }: ResponseOptions,
): Uint8Array {
  const { status = 200 } = reply;
  const [type, text] = "json" in reply
    ? ["application/json", `${jsonText(reply.json)}\n`]
    : [reply.type, reply.text];
  const fields = "fields" in reply ? Object.entries(reply.fields ?? {}) : [];
  const more = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const body = encoder.encode(text);
  const head = encoder.encode(
    `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\ncontent-type: ${type}\r\n` +
      `content-length: ${body.length}\r\n${ALWAYS}${more}` +
      `${closes ? "connection: close\r\n" : ""}\r\n`,
  );
  if (headOnly) return head;
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** An answer that tells why not. */
export function refusalOf(
  status: number,
  code: string,
  message: string,
): Exclude<Reply, { events: unknown }> {
  return { status, json: { error: { code, message } } };
}

/** The head before events. */
export const EVENTS_HEAD: Uint8Array = encoder.encode(
  `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n${ALWAYS}connection: close\r\n\r\n`,
);

/** One event, as the specification of Server-Sent Events writes it. */
export function eventBytes({ id, event, data }: SentEvent): Uint8Array {
  const line = id === undefined ? "" : `id: ${id}\n`;
  return encoder.encode(
    `${line}event: ${event}\ndata: ${jsonText(data)}\n\n`,
  );
}

/** A line that no client takes for an event. */
export const ALIVE: Uint8Array = encoder.encode(": alive\n\n");

/** Lets a client send the body it holds back. */
export const CONTINUE: Uint8Array = encoder.encode(
  "HTTP/1.1 100 Continue\r\n\r\n",
);
