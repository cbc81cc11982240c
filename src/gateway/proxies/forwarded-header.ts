/** The Forwarded header, RFC 7239, read strictly: what follows a quote that is left open would be the client's. */

/** What one proxy says of the request that it got; names in lower case, values without their quotes. */
export type ForwardedElement = ReadonlyMap<string, string>;

const TOKEN = /[!#$%&'*+\-.^_`|~\w]+/y;
const QUOTED = /"((?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)"/y;
const SPACE = /[ \t]*/y;

/** The elements, the nearest proxy's last; undefined where the text is not valid. */
export function parseForwarded(text: string): ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = [];
  let element = new Map<string, string>();
  let at = 0;

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  }

  while (true) {
    take(SPACE);
    const name = take(TOKEN)?.[0].toLowerCase();
    if (name !== undefined) {
      if (text[at++] !== "=" || element.has(name)) return undefined;
      const quoted = take(QUOTED);
      const value = quoted === null
        ? take(TOKEN)?.[0]
        : quoted[1]!.replaceAll(/\\(.)/g, "$1");
      if (value === undefined) return undefined;
      element.set(name, value);
      take(SPACE);
    }
    const next = text[at++];
    if (next === ";") continue;
    if (next !== undefined && next !== ",") return undefined;
    // Empty elements count for nothing, RFC 9110 section 5.6.1.
    if (element.size > 0) elements.push(element);
    if (next === undefined) return elements;
    element = new Map();
  }
}
