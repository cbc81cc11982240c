/** From the path of a request to that of a file. */

/** Folders that are served although their names begin with a dot, RFC 8615. */
const KNOWN_DOT = ".well-known";

/** The path of a URL or of a request target, as it was sent; undefined for what has none, such as `*`. */
export function rawPathOf(url: string): string | undefined {
  const scheme = url.startsWith("/") ? -1 : url.indexOf("://");
  const start = scheme === -1 ? 0 : url.indexOf("/", scheme + 3);
  if (start === -1 || url[start] !== "/") return undefined;
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
}

/**
 * The names that a path consists of, decoded; the last is empty for a folder.
 * Undefined for a path that no file is served by: with a name that is empty,
 * that begins with a dot, or that has a slash, a backslash or NUL in it once it
 * is decoded.
 */
export function namesOf(rawPath: string): readonly string[] | undefined {
  const names: string[] = [];
  const parts = rawPath.slice(1).split("/");
  for (const [index, part] of parts.entries()) {
    let name: string;
    try {
      name = part.includes("%") ? decodeURIComponent(part) : part;
    } catch {
      return undefined;
    }
    const last = index === parts.length - 1;
    if (name === "" ? !last : isHidden(name)) return undefined;
    names.push(name);
  }
  return names;
}

function isHidden(name: string): boolean {
  return /[/\\\0]/.test(name) || (name.startsWith(".") && name !== KNOWN_DOT);
}

/** The rest of a path below a prefix; undefined where it is not below it. */
export function below(prefix: string, rawPath: string): string | undefined {
  if (prefix === "") return rawPath;
  if (!rawPath.startsWith(prefix)) return undefined;
  const rest = rawPath.slice(prefix.length);
  return rest.startsWith("/") ? rest : undefined;
}
