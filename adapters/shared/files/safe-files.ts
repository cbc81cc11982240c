/** Files in folders where others may put things: no link of theirs is followed, and nothing of theirs is waited for. */
import { Buffer } from "node:buffer";
import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { dirname, resolve } from "node:path";
import process from "node:process";

/** O_EXCL makes a new file or none: a link that was put there is not followed. */
export const NEW: number = constants.O_WRONLY | constants.O_CREAT |
  constants.O_EXCL;

/** O_NONBLOCK: a named pipe without a writer is empty, and not waited for. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** A name beside the path that no other user can guess. */
export function unknownName(path: string): string {
  const bytes = new Uint8Array(8);
  // Bun and Deno have it built in; to Deno, a device is a file that needs a permission.
  const { bun, deno } = process.versions;
  if (bun || deno || !readRandom(bytes)) crypto.getRandomValues(bytes);
  return `${path}.${Buffer.from(bytes).toString("hex")}`;
}

/**
 * Fills bytes by the system's own source; false where it is not there. Node loads
 * ten modules for the global `crypto`, and more for node:crypto, which every
 * start would pay for.
 */
function readRandom(bytes: Uint8Array): boolean {
  try {
    const file = openSync("/dev/urandom", READ);
    try {
      return fstatSync(file).isCharacterDevice() &&
        readSync(file, bytes) === bytes.length;
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // A root folder without devices, or no permission for it.
  }
}

/**
 * Writes a file that must not be there yet. It is opened first: where a path is
 * written to with a mode, Deno sets that by the path once more, over a link that
 * may have taken the file's place, and against the umask (2.9.5,
 * DENO-MODE-BY-PATH).
 */
export function writeNew(path: string, text: string, mode: number): void {
  const file = openSync(path, NEW, mode);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** See `Files.replaceText`. */
export function replaceText(path: string, text: string): void {
  const fresh = unknownName(path);
  try {
    writeNew(fresh, text, 0o644);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** See `Files.move`. */
export function move(from: string, to: string): void {
  try {
    return renameSync(from, to);
  } catch (error) {
    if ((error as { code?: string }).code !== "EXDEV") throw error;
  }
  const fresh = unknownName(to);
  try {
    // With the permissions of the file.
    copyFileSync(from, fresh, constants.COPYFILE_EXCL);
    renameSync(fresh, to);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  rmSync(from);
}

/** No text that corn reads has more: certificates, config files, pid files. */
const MOST_BYTES = 16 * 1024 * 1024;

const PART_BYTES = 64 * 1024;

/**
 * Reads a whole file; where it is a pipe without a writer, nothing. @throws also
 * where it is larger than a text may be, since all else waits for the reading
 */
export function readWhole(path: string): string {
  const descriptor = openSync(path, READ);
  try {
    const stat = fstatSync(descriptor);
    if (stat.isFIFO()) return "";
    // Of what is no file, and of /proc, the size says nothing.
    if (stat.size > MOST_BYTES) throw tooLarge();
    const parts: Buffer[] = [];
    let size = 0;
    while (true) {
      const part = Buffer.allocUnsafe(PART_BYTES);
      const count = readSync(descriptor, part, 0, PART_BYTES, null);
      if (count === 0) return Buffer.concat(parts, size).toString("utf8");
      size += count;
      if (size > MOST_BYTES) throw tooLarge();
      parts.push(part.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
}

function tooLarge(): Error {
  return Object.assign(
    new RangeError(`it is larger than ${MOST_BYTES / 2 ** 20} MiB`),
    { code: "EFBIG" },
  );
}

/** Where a path leads. */
export interface Place {
  readonly path: string;
  /** What to open it with: O_NOFOLLOW where no link is left in the path. */
  readonly flags: number;
}

/** As many as Linux follows, see path_resolution(7). */
const MOST_LINKS = 40;

/** A process's descriptors, which /proc shows as links. */
const DESCRIPTORS = /^\/proc\/(?:self|thread-self|\d+)\/(?:task\/\d+\/)?fd$/;

/**
 * Follows a path as root should: over links of root's own, and over those in
 * folders that root alone may write to, as an administrator makes them. Any
 * other link would let another user choose where root writes.
 *
 * @throws where a link is another user's
 */
function placeForRoot(path: string): Place {
  let place = "";
  const rest = parts(resolve(path));
  for (let links = 0; rest.length > 0;) {
    const name = rest.shift() as string;
    if (name === "..") {
      place = dirname(place || "/").replace(/\/$/, "");
      continue;
    }
    const next = `${place}/${name}`;
    const stat = lstatSync(next, { throwIfNoEntry: false });
    if (!stat?.isSymbolicLink()) {
      place = next;
      continue;
    }
    // What they stand for has no name, so that no link can be put there.
    if (DESCRIPTORS.test(place)) {
      return { path: [next, ...rest].join("/"), flags: 0 };
    }
    if (!isRootsOwn(stat, place || "/") || ++links > MOST_LINKS) {
      throw new Error(
        `"${next}" is a link of user ${stat.uid}'s, which root does not follow`,
      );
    }
    const target = readlinkSync(next);
    if (target.startsWith("/")) place = "";
    rest.unshift(...parts(target));
  }
  return { path: place || "/", flags: constants.O_NOFOLLOW };
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function isRootsOwn({ uid }: Stats, folder: string): boolean {
  // In a user namespace, its owner is the overflow user.
  if (uid === 0 || folder === "/proc" || folder.startsWith("/proc/")) {
    return true;
  }
  const stat = statSync(folder);
  return stat.uid === 0 && (stat.mode & 0o022) === 0;
}

/** Where a file is to be written: for root as root should, for others as it is named. */
export function placeToWrite(path: string): Place {
  return isRoot() ? placeForRoot(path) : { path, flags: 0 };
}

function isRoot(): boolean {
  try {
    return process.geteuid?.() === 0;
  } catch {
    return false; // Deno asks for a permission that a worker need not have.
  }
}
