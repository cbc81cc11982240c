/** The path in a URL or in a request target. */

const SLASH = 47;

/** Where the path begins; at the end of a URL that has none. */
export function pathStart(url: string): number {
  if (url.charCodeAt(0) === SLASH) return 0;
  const colon = url.indexOf("://");
  if (colon === -1) return 0;
  const slash = url.indexOf("/", colon + 3);
  return slash === -1 ? url.length : slash;
}

/** The path without the query, which may hold secrets. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  const whole = end === -1 ? url : url.slice(0, end);
  return whole.slice(pathStart(whole)) || "/";
}
