/** The access log for programs: a record of fixed fields, as JSON or logfmt. */
import type { Exchange, Needs } from "../../exchange/exchange.ts";
import { clientOf, userOf } from "./atoms.ts";
import type { Facts } from "./atoms.ts";
import { escapeQuoted, remembered } from "./escape.ts";
import type { LineOf } from "./atoms.ts";
import { bare } from "../format.ts";

type Value = string | number | boolean | undefined;

/** The fields in their order; what is undefined or empty is left out. */
export const fields: readonly {
  readonly name: string;
  readonly meaning: string;
  read(exchange: Exchange, facts: Facts): Value;
}[] = [
  {
    name: "time",
    meaning: "when the request came, in UTC",
    read: ({ startMs }, { times }) => times.iso(startMs),
  },
  {
    name: "client",
    meaning:
      "address of the client, from a trusted proxy in front where there is one",
    read: clientOf,
  },
  {
    name: "user",
    meaning: "user name of Basic authentication, which nobody has checked here",
    read: userOf,
  },
  {
    name: "id",
    meaning:
      "the request's `X-Request-Id` where it is usable, one made here elsewhere",
    read: (exchange, { idOf }) => idOf(exchange),
  },
  { name: "method", meaning: "method", read: ({ method }) => method },
  {
    name: "target",
    meaning: "path and query, as they were sent",
    read: ({ target }) => target,
  },
  {
    name: "protocol",
    meaning: "protocol, where the engine tells",
    read: ({ protocol }) => protocol,
  },
  {
    name: "status",
    meaning:
      "status; 499 where the client left before anything of the response was sent",
    read: ({ status }) => status,
  },
  {
    name: "bytes",
    meaning: "bytes of the body that were sent, where that is known",
    read: ({ bytes }) => bytes,
  },
  {
    name: "ms",
    meaning: "duration to the end of the response, in milliseconds",
    read: ({ ms }) => Math.round(ms * 1000) / 1000,
  },
  {
    name: "aborted",
    meaning:
      "`true` where the client left, or was cut, before the response was out",
    read: ({ aborted }) => aborted || undefined,
  },
  {
    name: "referer",
    meaning: "referrer",
    read: (exchange) => exchange.requestHeader("referer"),
  },
  {
    name: "agent",
    meaning: "user agent",
    read: (exchange) => exchange.requestHeader("user-agent"),
  },
  {
    name: "pid",
    meaning: "the worker's process id",
    read: (_exchange, { pid }) => pid,
  },
];

/** What the record needs to see. */
export const recordNeeds: Needs = {
  target: false,
  requestHeaders: true,
  responseHeaders: false,
  bytes: true,
  peer: true,
};

/** Makes what writes lines of JSON (RFC 8259), without their ends: the fields written out, since a walk along them costs twice as much. */
export function jsonLines(): LineOf {
  const clientPart = remembered((text) => part("client", text));
  const methodPart = remembered((text) => part("method", text));
  const agentPart = remembered((text) => part("agent", text));
  return (exchange, facts) => {
    const { target, protocol, bytes } = exchange;
    const user = userOf(exchange);
    const referer = exchange.requestHeader("referer");
    return `{"time":"${facts.times.iso(exchange.startMs)}"${
      clientPart(clientOf(exchange) ?? "")
    }${user ? part("user", user) : ""},"id":"${
      escapeQuoted(facts.idOf(exchange))
    }"${methodPart(exchange.method)}${target ? part("target", target) : ""}${
      protocol ? `,"protocol":"${protocol}"` : ""
    },"status":${exchange.status}${
      bytes === undefined ? "" : `,"bytes":${bytes}`
    },"ms":${decimal(exchange.ms)}${exchange.aborted ? ',"aborted":true' : ""}${
      referer ? part("referer", referer) : ""
    }${
      agentPart(exchange.requestHeader("user-agent") ?? "")
    },"pid":${facts.pid}}`;
  };
}

/** A field of text; nothing where that is empty. */
function part(name: string, text: string): string {
  return text === "" ? "" : `,"${name}":"${escapeQuoted(text)}"`;
}

/** With three decimals, as two whole numbers: those are quicker to write than a fraction. */
function decimal(ms: number): string {
  const micros = Math.round(ms * 1000);
  const whole = Math.floor(micros / 1000);
  const rest = micros - whole * 1000;
  return `${whole}.${rest < 10 ? "00" : rest < 100 ? "0" : ""}${rest}`;
}

/** A line of logfmt, without its end. */
export function logfmtLine(exchange: Exchange, facts: Facts): string {
  let line = "";
  for (const { name, read } of fields) {
    const value = read(exchange, facts);
    if (value === undefined || value === "") continue;
    line += `${line === "" ? "" : " "}${name}=${
      typeof value === "string" ? bare(value) : value
    }`;
  }
  return line;
}
