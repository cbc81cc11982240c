/** True for `@name`, the name of a unix socket that is no file: see unix(7). */
export function isAbstract(path: string): boolean {
  return path.startsWith("@");
}
