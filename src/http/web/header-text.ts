/** Names and values of headers as a program gives them: what they become, and which are refused. */
import { consistsOf, TOKEN, VALUE } from "../h1/octets.ts";

/** As Web IDL makes a string of anything. @throws TypeError for a symbol */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : `${value}`;
}

/** A name in lower case. @throws TypeError where it is no token */
export function nameOf(name: unknown): string {
  const text = textOf(name);
  if (text !== "" && consistsOf(text, TOKEN)) return text.toLowerCase();
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
