/**
 * What tells the commands of a control socket that has a path of its own: a
 * file in the folder where the others are, named after the process.
 */
import type { Runtime } from "../runtime/runtime.ts";

/** The file of a process in a folder. */
export function announcementIn(folder: string, pid: number): string {
  return `${folder}/${pid}.path`;
}

/** True for such a file, published or about to be. */
export function isAnnouncement(file: string): boolean {
  return /\/\d+\.path(?:\.[\da-f]{16})?$/.test(file);
}

/** Where the socket is that a file tells of; undefined where it tells of none. */
export function announcedPath(
  file: string,
  { files }: Pick<Runtime, "files">,
): string | undefined {
  if (!isAnnouncement(file)) return undefined;
  try {
    const path = files.readText(file)?.trimEnd() ?? "";
    return path.startsWith("/") ? path : undefined;
  } catch {
    return undefined; // It may not be read.
  }
}
