/** The file that the log goes to. */
import { LogFileError, reasonOf } from "../errors.ts";
import type { AppendFile, Closeable, Files } from "../runtime.ts";

const encoder = new TextEncoder();

/** A file that events are appended to, each by one write. */
export class LogFile implements Closeable {
  readonly path: string;
  readonly #file: AppendFile;
  /** True while the file may end within an event. */
  #torn = false;

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
    const bytes = encoder.encode(this.#torn ? `\n${text}` : text);
    const whole = this.#file.write(bytes);
    this.#torn = !whole;
    return whole;
  }

  close(): void {
    this.#file.close();
  }
}
