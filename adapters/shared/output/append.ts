/** Files that only grow, and what else has a name that logs may go to. */
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  openSync,
  writeSync,
} from "node:fs";
import type { AppendFile, FileOwner } from "../../../src/runtime/runtime.ts";
import { NEW, placeToWrite } from "../files/safe-files.ts";
import { Outflow, PIPE_PIECE, writeByFs } from "./outflow.ts";

/** Writes all of it; false where it cannot. */
export function writeAll(descriptor: number, bytes: Uint8Array): boolean {
  try {
    let offset = 0;
    while (offset < bytes.length) {
      offset += writeSync(descriptor, bytes, offset);
    }
    return true;
  } catch {
    return false;
  }
}

/** O_NONBLOCK, so that a named pipe without a reader holds up neither the opening nor the writing. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT |
  constants.O_NONBLOCK;

/** Opens a file for appending. All runtimes set O_CLOEXEC by themselves. */
export function openAppend(path: string): AppendFile {
  const place = placeToWrite(path);
  const descriptor = openSync(place.path, FLAGS | place.flags, 0o666);
  return fstatSync(descriptor).isFile()
    ? appendFile(descriptor)
    : appendFlow(descriptor);
}

function appendFile(descriptor: number): AppendFile {
  let closed = false;
  let torn = false;
  return {
    get torn() {
      return torn;
    },
    write(bytes) {
      if (closed) return false;
      torn = !writeAll(descriptor, bytes);
      return !torn;
    },
    abandon: () => 0,
    close() {
      if (closed) return;
      closed = true;
      closeSync(descriptor);
    },
  };
}

/** A pipe, a terminal or another device. */
function appendFlow(descriptor: number): AppendFile {
  const flow = new Outflow((bytes) => writeByFs(descriptor, bytes), {
    piece: PIPE_PIECE,
  });
  let closed = false;
  return {
    torn: false,
    write: (bytes) => !closed && flow.write(bytes),
    abandon: () => flow.abandon(),
    close() {
      if (closed) return;
      closed = true;
      flow.end(() => closeSync(descriptor));
    },
  };
}

/** See `Files.createFor`. */
export function createFor({ uid, gid }: FileOwner, path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, NEW, 0o666);
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return;
    throw error;
  }
  try {
    fchownSync(descriptor, uid, gid);
  } finally {
    closeSync(descriptor);
  }
}
