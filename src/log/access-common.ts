/** The presets of Apache's formats, written out: most logs are one of them, and a format that is read costs thrice as much a line. */
import type { Exchange } from "../gateway/exchange.ts";
import { clientOf, PROTOCOL, userOf } from "./atoms.ts";
import type { Facts } from "./atoms.ts";
import { bareEscape, escapeQuoted } from "./escape.ts";

const escapeBare = bareEscape("");

/** A line of `common`. */
export function commonLine(exchange: Exchange, { times }: Facts): string {
  const { method, target, protocol = PROTOCOL, startMs, status } = exchange;
  const client = clientOf(exchange);
  const user = userOf(exchange);
  const request = method === ""
    ? "-"
    : `${escapeQuoted(method)} ${escapeQuoted(target)} ${protocol}`;
  return `${client ? escapeBare(client) : "-"} - ${
    user ? escapeBare(user) : "-"
  } [${times.common(startMs)}] "${request}" ${status} ${exchange.bytes ?? "-"}`;
}

/** A line of `combined`. */
export function combinedLine(exchange: Exchange, facts: Facts): string {
  const referer = exchange.requestHeader("referer");
  const agent = exchange.requestHeader("user-agent");
  return `${commonLine(exchange, facts)} "${
    referer ? escapeQuoted(referer) : "-"
  }" "${agent ? escapeQuoted(agent) : "-"}"`;
}
