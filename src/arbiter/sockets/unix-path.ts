/** What stands in the way of a unix socket's name. */
import { isAbstract } from "../../base/addresses/unix-names.ts";
import { codeOf, messageOf } from "../../base/errors.ts";
import { excessOfUnix } from "../../config/values/address.ts";
import type { FileKind, Files, Runtime } from "../../runtime/runtime.ts";
import { findUnixOwner } from "./socket-owner.ts";

/** True where a living process has a socket of that name, listening or not, as far as /proc tells. */
function isBound(path: string, files: Files): boolean {
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

/** Why a name may not be taken; undefined where it is free, or a dead server left it behind. */
export async function obstacleAt(
  path: string,
  { files, answers }: Pick<Runtime, "files" | "answers">,
): Promise<string | undefined> {
  const kind = kindOf(path, files);
  if (kind === undefined || kind === "closed") return undefined;
  if (kind !== "socket") return `a ${kind} that is no socket stands there`;
  const what = await answers({ kind: "unix", path })
    ? "another server answers there"
    // One that is bound and not served yet refuses connections as a dead one does.
    : isBound(path, files)
    ? "another process holds it"
    : undefined;
  return what &&
    `${what}${holderOf(path, files)}; stop it or choose another path`;
}

function holderOf(path: string, files: Files): string {
  const holder = findUnixOwner(path, files);
  return holder === undefined ? "" : `: ${holder}`;
}

/** Why a unix socket could not be opened. */
export function explainUnix(
  path: string,
  cause: unknown,
  { files, flag }: { readonly files: Files; readonly flag: string },
): string {
  const code = codeOf(cause);
  if (code === "EADDRINUSE") {
    return `another process holds the name${
      holderOf(path, files)
    }; stop it or choose another with ${flag}`;
  }
  // Of all calls only chown(2) is refused so for want of a right.
  if (code === "EPERM" && (cause as { syscall?: string }).syscall !== "bind") {
    return "this user may not set its owner; start corn as root, or give a group that this user is in (--unix-owner :GROUP)";
  }
  if (isAbstract(path)) return messageOf(cause);
  const excess = excessOfUnix(path);
  if (excess !== undefined) return excess;
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
