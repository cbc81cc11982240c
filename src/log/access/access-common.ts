/** The presets of Apache's formats, written out: most logs are one of them, and a format that is read costs thrice as much a line. */
import type { LineOf } from "./atoms.ts";
import { clientOf, PROTOCOL, userOf } from "./atoms.ts";
import { bareEscape, escapeQuoted, remembered } from "./escape.ts";

const escapeBare = bareEscape("");

/** Makes what writes lines of `common`. */
export function commonLines(): LineOf {
  let startOf = { client: "", user: "", time: "" };
  let start = "";
  return (exchange, { times }) => {
    const { method, target, protocol = PROTOCOL, startMs, status } = exchange;
    const client = clientOf(exchange) ?? "";
    const user = userOf(exchange) ?? "";
    const time = times.common(startMs);
    if (
      start === "" || time !== startOf.time || client !== startOf.client ||
      user !== startOf.user
    ) {
      startOf = { client, user, time };
      start = `${escapeBare(client) || "-"} - ${
        escapeBare(user) || "-"
      } [${time}] "`;
    }
    const request = method === ""
      ? "-"
      : `${escapeQuoted(method)} ${escapeQuoted(target)} ${protocol}`;
    return `${start}${request}" ${status} ${exchange.bytes ?? "-"}`;
  };
}

/** Makes what writes lines of `combined`. */
export function combinedLines(): LineOf {
  const commonLine = commonLines();
  const end = remembered((agent) => `" "${escapeQuoted(agent) || "-"}"`);
  return (exchange, facts) => {
    const referer = exchange.requestHeader("referer");
    const agent = exchange.requestHeader("user-agent");
    return `${commonLine(exchange, facts)} "${
      referer ? escapeQuoted(referer) : "-"
    }${end(agent ?? "")}`;
  };
}
