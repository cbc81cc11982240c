/** The head of a response, as it is written: RFC 9112 sections 4 and 6. */
import { listOf } from "../../base/http/field-list.ts";
import { consistsOf, VALUE } from "../h1/octets.ts";
import type { Parts } from "../web/response-parts.ts";

/** The reason phrases of RFC 9110 section 15; those of `node:http` are older, and a wire worker need not load it (decisions/011). */
const REASONS: Readonly<Record<number, string>> = {
  103: "Early Hints",
  200: "OK",
  201: "Created",
  202: "Accepted",
  203: "Non-Authoritative Information",
  204: "No Content",
  205: "Reset Content",
  206: "Partial Content",
  207: "Multi-Status",
  208: "Already Reported",
  226: "IM Used",
  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  418: "I'm a Teapot",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  423: "Locked",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  506: "Variant Also Negotiates",
  507: "Insufficient Storage",
  508: "Loop Detected",
  511: "Network Authentication Required",
};

const lines = new Map<number, string>();

function statusLine(status: number, text: string): string {
  if (typeof text === "string" && text !== "" && consistsOf(text, VALUE)) {
    return `HTTP/1.1 ${status} ${text}\r\n`;
  }
  let line = lines.get(status);
  if (line === undefined) {
    line = `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n`;
    lines.set(status, line);
  }
  return line;
}

/** What an app's fields say about the connection and the body; they are not sent as they are. */
export interface ResponseIntent {
  /** True where it asked for the connection's end. */
  closes: boolean;
  /** The length it gave. */
  length: number | undefined;
}

/** Status line and fields of a response without those that are the server's: connection, length and coding. */
export function beginHead(
  { status, statusText, list }: Parts,
  { date, intent }: { readonly date: string; readonly intent: ResponseIntent },
): string {
  let text = statusLine(status, statusText);
  let dated = false;
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] as string;
    const value = list[at + 1] as string;
    switch (name) {
      case "connection":
        if (listOf(value).includes("close")) intent.closes = true;
        continue;
      case "upgrade":
        // RFC 9110 section 15.5.22: a 426 must say to what.
        if (status !== 426) continue;
        text += "connection: upgrade\r\n";
        break;
      case "keep-alive":
      case "proxy-connection":
      case "te":
      case "trailer":
      case "transfer-encoding":
        continue;
      case "content-length":
        intent.length = lengthOf(value);
        continue;
      case "date":
        dated = true;
    }
    text += `${name}: ${value}\r\n`;
  }
  return dated ? text : text + date;
}

/** Fields of one hop, or about a body, which no interim response has. */
const NOT_INTERIM: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** A whole interim response, RFC 9110 section 15.2. */
export function interimHead(status: number, list: readonly string[]): string {
  let text = statusLine(status, "");
  for (let at = 0; at < list.length; at += 2) {
    if (NOT_INTERIM.has(list[at] as string)) continue;
    text += `${list[at]}: ${list[at + 1]}\r\n`;
  }
  return `${text}\r\n`;
}

/** The length that a field gives; undefined where it gives none. */
function lengthOf(value: string): number | undefined {
  let length = 0;
  for (let at = 0; at < value.length; at++) {
    const digit = value.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    length = length * 10 + digit;
  }
  return value === "" || length > Number.MAX_SAFE_INTEGER ? undefined : length;
}
