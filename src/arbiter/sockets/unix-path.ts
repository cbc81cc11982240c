/** What stands in the way of a unix socket's name. */
import { isAbstract } from "../../base/unix-names.ts";
import { codeOf, messageOf } from "../../base/errors.ts";
import type { FileKind, Files } from "../../runtime/runtime.ts";

/** True where a living process has a socket of that name, listening or not, as far as /proc tells. */
export function isBound(path: string, files: Files): boolean {
  let table: string;
  try {
    table = files.readText("/proc/net/unix") ?? "";
  } catch {
    return false; // It may not be read.
  }
  return table.split("\n").some((row) => row.endsWith(` ${path}`));
}

/** What stands at a path; `closed` where this user may not look. @throws the system's error for anything else */
export function kindOf(
  path: string,
  files: Pick<Files, "kind">,
): FileKind | "closed" | undefined {
  try {
    return files.kind(path);
  } catch (error) {
    if (codeOf(error) === "EACCES") return "closed";
    throw error;
  }
}

/** Why a unix socket could not be opened. */
export function explainUnix(
  path: string,
  cause: unknown,
  files: Files,
): string {
  const code = codeOf(cause);
  if (code === "EADDRINUSE") {
    return "another process holds the name; stop it or choose another with --bind";
  }
  // Of all calls only chown(2) is refused so for want of a right.
  if (code === "EPERM" && (cause as { syscall?: string }).syscall !== "bind") {
    return "this user may not set its owner; start corn as root, or give a group that this user is in (--unix-owner :GROUP)";
  }
  if (isAbstract(path)) return messageOf(cause);
  const folder = /^(.*)\/[^/]*$/.exec(path)?.[1];
  const kind = folder === undefined
    ? "folder"
    : kindOf(folder === "" ? "/" : folder, files);
  if (kind === undefined) return "its folder does not exist";
  if (kind !== "folder" && kind !== "closed") return `its folder is a ${kind}`;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "permission denied, this user may not write to its folder";
    case "EROFS":
      return "the file system is read-only";
    default:
      return messageOf(cause);
  }
}
