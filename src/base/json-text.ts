/** JSON that a terminal may be shown. */

/** What JSON lets stand, and moves a terminal's cursor, ends a line somewhere, or turns text around. */
const OBEYED = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** A value as JSON of one line, in which every control character is escaped; undefined as nothing. */
export function jsonText(value: unknown): string {
  return (JSON.stringify(value) ?? "").replace(
    OBEYED,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
