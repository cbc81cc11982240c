/** Fields after the body of a response: RFC 9110 section 6.5. */
import type { TrailersSource, TrailerValue } from "../../runtime/exchange.ts";
import { allowedInTrailers } from "../h1/fields.ts";
import { nameOf, valueOf } from "./header-text.ts";

/** One field, and its name in lower case. */
export interface TrailerField {
  readonly name: string;
  readonly value: TrailerValue;
}

/**
 * Fields that say how a response is cached, retried, authenticated or varied,
 * beyond those that no message has in its trailers: they are needed
 * before the body.
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "age",
  "cache-control",
  "content-location",
  "date",
  "expires",
  "location",
  "pragma",
  "proxy-authenticate",
  "proxy-connection",
  "retry-after",
  "set-cookie",
  "vary",
  "www-authenticate",
]);

/** Reads what an app gave. @throws TypeError for names that no trailer may have, and values that are not valid */
export function trailerFields(source: TrailersSource): TrailerField[] {
  const pairs =
    (Symbol.iterator in source ? source : Object.entries(source)) as Iterable<
      readonly [string, TrailerValue]
    >;
  const fields: TrailerField[] = [];
  for (const [given, value] of pairs) {
    const name = nameOf(given);
    if (!allowedInTrailers(name) || FORBIDDEN.has(name)) {
      throw new TypeError(
        `Cannot send "${name}" as a trailer: it must stand before the body`,
      );
    }
    fields.push({
      name,
      value: typeof value === "function" ? value : valueOf(value),
    });
  }
  return fields;
}

/** The Trailer field's line, RFC 9110 section 6.6.2. */
export function trailerLine(fields: readonly TrailerField[]): string {
  const names = new Set(fields.map(({ name }) => name));
  return `trailer: ${[...names].join(", ")}\r\n`;
}

/** The lines of the trailer section, once the body has ended. @throws what a function throws, or TypeError for what it gives */
export async function trailerSection(
  fields: readonly TrailerField[],
): Promise<string> {
  let section = "";
  for (const { name, value } of fields) {
    const given = typeof value === "function" ? await value() : value;
    if (given === undefined) continue;
    section += `${name}: ${valueOf(given)}\r\n`;
  }
  return section;
}
