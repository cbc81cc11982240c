/** Folders whose content is trusted, because no other user can have put it there. */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import type { FileOwner } from "../../../src/runtime/runtime.ts";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY |
  constants.O_NOFOLLOW;
/** May be written by the group or by all users. */
const OPEN_TO_OTHERS = 0o022;
const STICKY = 0o1000;

/** See `Files.makePrivate`. */
export function makePrivate(path: string, owner: FileOwner): void {
  // Its owner enters through what stands above it.
  makeAll(dirname(path), 0o755);
  const folder = join(realpathSync(dirname(path)), basename(path));
  for (let above = dirname(folder);; above = dirname(above)) {
    judge(above, lstatSync(above), owner.uid, STICKY);
    if (above === "/") break;
  }
  if (makeOne(folder, 0o700)) give(folder, owner);
  judge(folder, lstatSync(folder), owner.uid, 0);
}

/**
 * One after the other: by `recursive` Node 24.21 tries for ever where the
 * system has no such folder however often it is made, as below /proc
 * (NODE-MKDIR-SPINS).
 */
function makeAll(path: string, mode: number): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  makeAll(dirname(path), mode);
  makeOne(path, mode);
}

/** False where there is something. */
function makeOne(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  }
}

/** Nothing else can have taken its place: the users that could were judged. */
function give(folder: string, { uid, gid }: FileOwner): void {
  const descriptor = openSync(folder, FOLDER);
  try {
    if (process.getuid?.() !== uid) fchownSync(descriptor, uid, gid);
    fchmodSync(descriptor, 0o700);
  } finally {
    closeSync(descriptor);
  }
}

function judge(
  path: string,
  stat: Stats,
  uid: number,
  harmless: number,
): void {
  if (!stat.isDirectory()) throw new Error(`"${path}" is no folder`);
  if (stat.uid !== uid && stat.uid !== 0) {
    throw new Error(`"${path}" belongs to user ${stat.uid}`);
  }
  if ((stat.mode & OPEN_TO_OTHERS) !== 0 && (stat.mode & harmless) === 0) {
    throw new Error(`"${path}" can be written by others than user ${uid}`);
  }
}
