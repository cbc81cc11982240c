/** Files as they are sent to clients, by node:fs on all three runtimes. */
import { Buffer } from "node:buffer";
import {
  closeSync,
  constants,
  fstatSync,
  open,
  openSync,
  read,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { lendBytes } from "../../../src/base/lent-bytes.ts";
import { lacksRoom } from "./lacks-room.ts";
import type {
  FoundFile,
  ServedFiles,
} from "../../../src/runtime/served-files.ts";
import { setTimeout } from "../originals/originals.ts";

/** So much is read at once: less than a stream costs. */
const AT_ONCE = 64 * 1024;

/** What was found may be something else by now: no link is followed, and no pipe's writer waited for. */
const PLAINLY = constants.O_RDONLY | constants.O_NOFOLLOW |
  constants.O_NONBLOCK;

/** A part of a stream. */
const PART = 256 * 1024;

/**
 * Memory of parts that were sent, for the next ones: memory that is new for
 * each part costs the kernel more than the reading does.
 */
const free: ArrayBuffer[] = [];

/** How much of it is kept, in parts. */
const MAX_FREE = 16;

/** How long a file waits for a descriptor, where there is none, and until it is tried again. */
const ROOM_MS = 10_000;
const RETRY_MS = 50;

function find(
  root: string,
  inner: string,
): FoundFile | true | "later" | undefined {
  try {
    const named = `${root}/${inner}`;
    // Most that is asked for and not there is the app's: a thrown error costs more.
    const stat = statSync(named, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const path = realpathSync.native(named);
    if (!path.startsWith(root === "/" ? root : `${root}/`)) return undefined;
    if (stat.isDirectory()) return true;
    if (!stat.isFile()) return undefined;
    return { path, size: stat.size, modifiedMs: stat.mtimeMs };
  } catch (error) {
    // Bun opens what it finds the path of (1.4.5, BUN-REALPATH-OPENS).
    return lacksRoom(error) ? "later" : undefined;
  }
}

function isSame(descriptor: number, { size, modifiedMs }: FoundFile): boolean {
  const now = fstatSync(descriptor);
  return now.size === size && now.mtimeMs === modifiedMs;
}

/** Undefined where it cannot be read, "later" where there is no descriptor for it. */
function readNow(
  file: FoundFile,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> | "later" | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file.path, PLAINLY);
  } catch (error) {
    return lacksRoom(error) ? "later" : undefined;
  }
  try {
    const bytes = new Uint8Array(to - from);
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(
        descriptor,
        bytes,
        at,
        bytes.length - at,
        from + at,
      );
      if (count === 0) return undefined;
      at += count;
    }
    return isSame(descriptor, file) ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

function opened(path: string): Promise<number> {
  return new Promise((resolve, reject) =>
    open(
      path,
      PLAINLY,
      (error, descriptor) => error ? reject(error) : resolve(descriptor),
    )
  );
}

/** Opens it, once there is a descriptor. */
async function openedSoon(
  path: string,
  isOver: () => boolean,
): Promise<number> {
  for (let waitedMs = 0;; waitedMs += RETRY_MS) {
    try {
      return await opened(path);
    } catch (error) {
      if (!lacksRoom(error) || waitedMs >= ROOM_MS || isOver()) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function readPart(
  descriptor: number,
  from: number,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  // Which is not filled with zeros first.
  const buffer = free.pop() ?? Buffer.allocUnsafeSlow(PART).buffer;
  const bytes = new Uint8Array(buffer, 0, size);
  return new Promise((resolve, reject) =>
    read(
      descriptor,
      bytes,
      0,
      size,
      from,
      (error, count) => {
        if (error) return reject(error);
        const part = bytes.subarray(0, count);
        lendBytes(part, () => {
          if (free.length < MAX_FREE) free.push(buffer);
        });
        resolve(part);
      },
    )
  );
}

/** A file that is shorter than it was, or another one, ends the stream with an error: what was promised cannot be sent. */
function streamOf(
  file: FoundFile,
  from: number,
  to: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let descriptor: number | undefined;
  let at = from;
  let cancelled = false;
  let busy = false;
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  return new ReadableStream({
    async pull(controller) {
      busy = true;
      try {
        if (descriptor === undefined) {
          descriptor = await openedSoon(file.path, () => cancelled);
          if (cancelled) return close();
          if (!isSame(descriptor, file)) throw new Error("it was changed");
        }
        const part = await readPart(descriptor, at, Math.min(PART, to - at));
        if (cancelled) return close();
        if (part.length === 0) throw new Error("it is shorter than it was");
        at += part.length;
        controller.enqueue(part);
        if (at < to) return;
        close();
        controller.close();
      } catch (cause) {
        close();
        throw new Error(`Cannot send "${file.path}"`, { cause });
      } finally {
        busy = false;
      }
    },
    cancel() {
      cancelled = true;
      if (!busy) close();
    },
  }, { highWaterMark: 0 });
}

export const servedFiles: ServedFiles = {
  find,
  read(file, from, to) {
    const bytes = to - from <= AT_ONCE ? readNow(file, from, to) : "later";
    return bytes === "later" ? streamOf(file, from, to) : bytes;
  },
};
