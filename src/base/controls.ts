/** Characters that a terminal obeys, in texts that it may be shown. */

/** What moves a terminal's cursor, ends a line somewhere, or turns text around; a tab does not. */
const CONTROLS =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** Shows each of them, line ends among them, in another way. */
export function replaceControls(
  text: string,
  shown: (character: string) => string,
): string {
  return text.replace(CONTROLS, shown);
}

/** A character as JSON may write it (RFC 8259 section 7). */
export function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
