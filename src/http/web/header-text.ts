/** Names and values of headers as a program gives them: what they become, and which are refused. */
import { consistsOf, TOKEN, VALUE } from "../h1/octets.ts";

/** As Web IDL makes a string of anything. @throws TypeError for a symbol */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : `${value}`;
}

/** Names as programs write them, in lower case: they are few, and to look through one takes longer. */
const known = new Map<string, string>();
const KNOWN = 256;

/** A name in lower case. @throws TypeError where it is no token */
export function nameOf(name: unknown): string {
  const text = textOf(name);
  const lower = known.get(text);
  if (lower !== undefined) return lower;
  if (text !== "" && consistsOf(text, TOKEN)) {
    const key = text.toLowerCase();
    if (known.size < KNOWN) known.set(text, key);
    return key;
  }
  throw new TypeError(`Cannot use "${text}" as a header name: it is no token`);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** A value without the white space around it. @throws TypeError where it has bytes that no value may have */
export function valueOf(value: unknown): string {
  let text = textOf(value);
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  if (to - from < text.length) text = text.slice(from, to);
  if (consistsOf(text, VALUE)) return text;
  throw new TypeError("Cannot use a header value: it has control characters");
}
