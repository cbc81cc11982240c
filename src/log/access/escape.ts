/** Values of clients in lines for programs: what a client sends never ends a field, a quote or a line. */
import { escapeUnit, replaceControls } from "../../base/controls.ts";
import { isPlainQuoted } from "../format.ts";

/** What every escape leaves as it is: printable ASCII without space, quotes, brackets and backslash. */
const PLAIN = /^[!#-&(-Z^_a-~]*$/;

/** Writes a value that stands between double quotes; it is the inside of a JSON string too. */
export function escapeQuoted(text: string): string {
  return isPlainQuoted(text) ? text : escape(text, "");
}

/** Gives what was made last again while it is asked for the same: a client's requests have much alike. */
export function remembered(
  make: (text: string) => string,
): (text: string) => string {
  let last: string | undefined;
  let made = "";
  return (text) => {
    if (text === last) return made;
    last = text;
    return made = make(text);
  };
}

/**
 * Makes what writes values that stand without quotes. `ends` are characters
 * that end the field for its reader, besides space, quotes and brackets.
 */
export function bareEscape(ends: string): (text: string) => string {
  const all = ` '[]${ends}`;
  if (ends === "") return (text) => PLAIN.test(text) ? text : escape(text, all);
  return (text) => {
    if (PLAIN.test(text) && !hasAny(text, ends)) return text;
    return escape(text, all);
  };
}

function hasAny(text: string, characters: string): boolean {
  for (const character of characters) {
    if (text.includes(character)) return true;
  }
  return false;
}

/** Escapes as JSON does, so that a format which is JSON stays so. */
function escape(text: string, more: string): string {
  let shown = "";
  for (const character of text) {
    if (character === '"' || character === "\\") shown += `\\${character}`;
    else if (
      character === "\t" || isLone(character) ||
      // Some reader ends a bare field at white space of any script.
      more.includes(character) || (more !== "" && /\s/.test(character))
    ) {
      shown += escapeUnit(character);
    } else shown += character;
  }
  return replaceControls(shown, escapeUnit);
}

/** True for half a character, which no encoding has. */
function isLone(character: string): boolean {
  return character >= "\ud800" && character <= "\udfff" &&
    character.length === 1;
}
