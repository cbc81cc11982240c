/** Files as they are sent to clients. */

/** A regular file as it is now. */
export interface FoundFile {
  /** Its path, with no link in it. */
  readonly path: string;
  readonly size: number;
  /** When it was changed, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** Looks files up and opens them. */
export interface ServedFiles {
  /**
   * What stands at a path: a file, or true for a folder. Undefined where there
   * is neither, where it is not below the root once all links are followed, or
   * where this process may not look; "later" where it has too many files open
   * to look.
   */
  find(root: string, path: string): FoundFile | true | "later" | undefined;
  /**
   * The bytes of a file from the first up to the last, without it: at once
   * where they are few, a stream that opens it when it is read otherwise, whose
   * parts are lent: who knows that one is out may give it back.
   * Undefined where it is not as it was found. With too many open files the
   * stream waits for one to be closed, for some seconds.
   */
  read(
    file: FoundFile,
    from: number,
    to: number,
  ):
    | Uint8Array<ArrayBuffer>
    | ReadableStream<Uint8Array<ArrayBuffer>>
    | undefined;
}
