/** What others append to a file. */
import { Buffer } from "node:buffer";
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  statSync,
} from "node:fs";

const MOST_BYTES = 16 * 1024;

/** Gives, each time it is called, what was appended since; "" where it is no file that can be read. */
export function follow(path: string): () => string {
  const from = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return () => {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      if (!fstatSync(descriptor).isFile()) return "";
      const bytes = Buffer.alloc(MOST_BYTES);
      const count = readSync(descriptor, bytes, 0, MOST_BYTES, from);
      return bytes.toString("utf8", 0, count);
    } catch {
      return ""; // It is gone, or may be written only.
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  };
}
