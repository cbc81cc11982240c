/** The fields that decide how a message is read: RFC 9112 sections 6 and 9.3, RFC 9110 sections 7.8 and 10.1.1. */
import { listOf } from "../../base/http/field-list.ts";
import type { Framing } from "./head.ts";
import { consistsOf, TOKEN } from "./octets.ts";
import { originOf } from "./target.ts";
import type { Verdict } from "./verdict.ts";

/** Fields by which another reader could take the message for another one: they are refused in trailers. */
const FRAMING: ReadonlySet<string> = new Set([
  // llhttp takes what these say for the connection's, wherever they stand.
  "connection",
  "content-length",
  "host",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** Fields that a trailer section must not have, RFC 9110 section 6.5.1. */
const FORBIDDEN_IN_TRAILERS: ReadonlySet<string> = new Set([
  "authorization",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** True when a name, which is in lower case, says how a message is framed, where it goes or what follows it. */
export function framesMessage(name: string): boolean {
  return FRAMING.has(name);
}

/** True when a trailer may have the name, which is in lower case. */
export function allowedInTrailers(name: string): boolean {
  return !FORBIDDEN_IN_TRAILERS.has(name);
}

function refuse(status: Verdict["status"], reason: string): Verdict {
  return { status, reason };
}

/** What the fields of one head said that decide over framing, host and connection. */
export class FramingFields {
  origin: string | undefined;
  hosts = 0;
  length: number | undefined;
  codings: string[] | undefined;
  closes = false;
  keepsAlive = false;
  connectionUpgrades = false;
  upgrade = false;
  expects = false;
  readonly #secure: boolean;

  /** `secure` is true for a head that came by TLS. */
  constructor(secure = false) {
    this.#secure = secure;
  }

  /** Takes one field; its name is in lower case. Gives a verdict where it is not valid. */
  take(name: string, value: string): Verdict | undefined {
    switch (name) {
      case "host":
        return this.#takeHost(value);
      case "content-length":
        return this.#takeLength(value);
      case "transfer-encoding":
        (this.codings ??= []).push(...listOf(value));
        return;
      case "connection":
        return this.#takeConnection(value);
      case "upgrade":
        this.upgrade = true;
        return;
      case "expect":
        if (listOf(value).some((one) => one !== "100-continue")) {
          return refuse(417, "Unknown expectation");
        }
        this.expects = true;
        return;
    }
  }

  #takeHost(value: string): Verdict | undefined {
    this.origin = originOf(value, this.#secure);
    if (++this.hosts > 1) return refuse(400, "More than one Host");
    if (this.origin === undefined) return refuse(400, "Invalid Host");
  }

  #takeLength(value: string): Verdict | undefined {
    if (this.length !== undefined) {
      return refuse(400, "More than one Content-Length");
    }
    if (value === "") return refuse(400, "Invalid Content-Length");
    let length = 0;
    for (let at = 0; at < value.length; at++) {
      const digit = value.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) return refuse(400, "Invalid Content-Length");
      length = length * 10 + digit;
    }
    this.length = length;
  }

  #takeConnection(value: string): Verdict | undefined {
    if (value === "keep-alive") {
      this.keepsAlive = true;
      return;
    }
    for (const option of listOf(value)) {
      if (!consistsOf(option, TOKEN)) return refuse(400, "Invalid Connection");
      if (option === "close") this.closes = true;
      else if (option === "keep-alive") this.keepsAlive = true;
      else if (option === "upgrade") this.connectionUpgrades = true;
    }
  }

  /** How the body is framed, RFC 9112 section 6.3, or why it cannot be known. */
  framing(minor: number, limit: number): Framing | Verdict {
    const { codings, length } = this;
    if (codings !== undefined) {
      // Where there are both, or an HTTP/1.0 hop that cannot know it, two parties may read two messages.
      if (length !== undefined) {
        return refuse(400, "Both Content-Length and Transfer-Encoding");
      }
      if (minor === 0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
      if (codings[codings.length - 1] !== "chunked") {
        return refuse(400, "The last transfer coding is not chunked");
      }
      if (codings.indexOf("chunked") !== codings.length - 1) {
        return refuse(400, "Chunked twice");
      }
      if (codings.length > 1) return refuse(501, "Unknown transfer coding");
      return "chunked";
    }
    if (length === undefined || length === 0) return "none";
    if (length > (limit === 0 ? Number.MAX_SAFE_INTEGER : limit)) {
      return refuse(413, "Content Too Large");
    }
    return "length";
  }
}
