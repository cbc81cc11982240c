/** What the access log leaves out: health checks, static files, whatever is asked too often. */
import { readWildcard } from "../../base/wildcard.ts";
import type { Exchange, Needs } from "../../exchange/exchange.ts";

/** True where an exchange is left out. */
export type Skip = (exchange: Exchange) => boolean;

/** A rule that cannot be read, and why. */
export class SkipError extends Error {
  override readonly name = "SkipError";
}

/**
 * Reads a rule: conditions with spaces between them, all of which must hold. A
 * path with what is below it (`/health`), or with `*` and `?` (`/static/*.css`);
 * a status or a class (`304`, `2xx`); `agent:` and what the user agent
 * has somewhere, with `*` and `?` too. @throws SkipError
 */
export function readSkip(rule: string): Skip {
  const conditions = rule.split(" ").filter((one) => one !== "").map(condition);
  if (conditions.length === 0) {
    throw new SkipError("give a path, a status or agent:TEXT");
  }
  return (exchange) => conditions.every((holds) => holds(exchange));
}

/** One function for all rules; undefined where there is none. */
export function readSkips(rules: readonly string[]): Skip | undefined {
  if (rules.length === 0) return undefined;
  const skips = rules.map(readSkip);
  return (exchange) => skips.some((skip) => skip(exchange));
}

/** What rules look at. */
export function skipNeeds(rules: readonly string[]): Partial<Needs> {
  return rules.some((rule) => rule.includes("agent:"))
    ? { requestHeaders: true }
    : {};
}

function condition(text: string): Skip {
  if (text.startsWith("/")) return pathIs(text);
  const [, digits, digit] = /^(?:([1-5]\d\d)|([1-5])xx)$/i.exec(text) ?? [];
  if (digits !== undefined) {
    const wanted = Number(digits);
    return ({ status }) => status === wanted;
  }
  if (digit !== undefined) {
    const wanted = Number(digit);
    return ({ status }) => Math.floor(status / 100) === wanted;
  }
  const [, agent] = /^agent:(.+)$/.exec(text) ?? [];
  if (agent !== undefined) {
    const fits = readWildcard(`*${agent.toLowerCase()}*`);
    return (exchange) =>
      fits((exchange.requestHeader("user-agent") ?? "").toLowerCase());
  }
  throw new SkipError(
    `"${text}" is no path that begins with "/", no status such as 304 or 2xx, and no agent:TEXT`,
  );
}

function pathIs(path: string): Skip {
  if (/[*?]/.test(path)) {
    const fits = readWildcard(path);
    return ({ target }) => fits(withoutQuery(target));
  }
  const folder = path.endsWith("/") ? path : `${path}/`;
  return ({ target }) => {
    const asked = withoutQuery(target);
    return asked === path || asked.startsWith(folder);
  };
}

function withoutQuery(target: string): string {
  const mark = target.indexOf("?");
  return mark === -1 ? target : target.slice(0, mark);
}
