/** The file system. */
import type { Closeable } from "./clock.ts";

/** What a path is. */
export type FileKind = "file" | "folder" | "socket" | "other";

/** User and group of a file, as numbers; -1 leaves one as it is, see chown(2). */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** A file that only grows: what is appended by one write stays together, beside what other processes append. */
export interface AppendFile extends Closeable {
  /** True while the file may end within what was written last. */
  readonly torn: boolean;
  /**
   * Appends at once, to a named pipe as soon as its reader gives room; false
   * where not all of it goes out, because the disk is full or a pipe's reader
   * is stuck. Never throws and never waits for a reader.
   */
  write(bytes: Uint8Array): boolean;
  /** Waits a moment for a reader, then drops what it gave no room, and gives how many lines that is. */
  abandon(): number;
}

/** The file system; every call is synchronous and throws the system's error with its `code`. */
export interface Files {
  /** The text of a file, or undefined where there is none; a named pipe is empty. @throws on any other failure. */
  readText(path: string): string | undefined;
  /** Puts a file in the place of what stands there, of a link itself too, whole at once. */
  replaceText(path: string, text: string): void;
  /** Opens a file for appending, closed on exec, and makes it where there is none, with the permissions that umask leaves. Root follows no link of another user's. */
  openAppend(path: string): AppendFile;
  /** Makes an empty file that belongs to another user; does nothing where the path exists. */
  createFor(owner: FileOwner, path: string): void;
  /**
   * Makes a folder that its owner alone may use, with those above it; nothing
   * happens where it is there. @throws where it cannot be made, or where
   * another user but root owns or may write it or one above it
   */
  makePrivate(path: string, owner: FileOwner): void;
  /** Gives, each time it is called, what was appended to a file since `follow` was: a few pages at most. */
  follow(path: string): () => string;
  /** What stands at the path, or undefined where there is nothing. Follows links. */
  kind(path: string): FileKind | undefined;
  /** What is another text once the file was written, or is another one; undefined where there is none. Follows links. */
  stamp(path: string): string | undefined;
  /** A file's owner and permission bits; undefined where there is none. Follows links. */
  ownerOf(path: string): FileOwner & { readonly mode: number } | undefined;
  /** Names in a folder. */
  list(path: string): string[];
  /** Names of the folders in a folder, and of all links there. */
  listFolders(path: string): string[];
  /** The path with no link in it, or undefined where there is nothing. */
  realPath(path: string): string | undefined;
  /** The target of a symbolic link. */
  readLink(path: string): string;
  /** Removes a file or socket; nothing happens where there is none. */
  remove(path: string): void;
  /** Removes a folder that is empty; any other stays. */
  removeFolder(path: string): void;
  rename(from: string, to: string): void;
  /** Moves a file, to another file system too; it is there whole or not at all. */
  move(from: string, to: string): void;
}
