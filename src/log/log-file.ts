/** The file that the log goes to. */
import { LogFileError, reasonOf } from "../base/errors.ts";
import type { AppendFile, Closeable, Files } from "../runtime/runtime.ts";

const encoder = new TextEncoder();

/** A batch of lines, see batch.ts, has so many bytes, unless many of them are no ASCII. */
const ROOM = 96 * 1024;

/** What is shorter needs no room. */
const SHORT = 4096;

/** A file that events are appended to, each by one write. */
export class LogFile implements Closeable {
  readonly path: string;
  readonly #file: AppendFile;
  /** For the bytes of one batch after the other. */
  #room: Uint8Array | undefined;

  /** Opens the file, and makes it where there is none. @throws LogFileError */
  constructor(path: string, files: Pick<Files, "openAppend">) {
    this.path = path;
    try {
      this.#file = files.openAppend(path);
    } catch (cause) {
      throw new LogFileError(
        `Cannot open log file "${path}": ${reasonOf(cause)}`,
        { cause },
      );
    }
  }

  /** Appends an event; false where it could not, or not as a whole. */
  write(text: string): boolean {
    // What was cut off is left alone: another arbiter may have appended since.
    return this.#file.write(
      this.#encode(this.#file.torn ? `\n${text}` : text),
    );
  }

  /** Gives up what waits for a reader, and gives how many lines that is. */
  abandon(): number {
    return this.#file.abandon();
  }

  /** Bun's `encode()` takes twice as long for a text that was put together (1.4.5, BUN-ENCODE-ROPES). */
  #encode(text: string): Uint8Array {
    if (text.length < SHORT) return encoder.encode(text);
    const room = this.#room ??= new Uint8Array(ROOM);
    const { read, written } = encoder.encodeInto(text, room);
    return read < text.length
      ? encoder.encode(text)
      : room.subarray(0, written);
  }

  close(): void {
    this.#file.close();
  }
}
