/** Texts that are too long for the place where they are shown. */

/** The text, or so many characters of it and `…`; never half of a surrogate pair. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}…`;
}
