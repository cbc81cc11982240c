/** A file system that exists only in memory. */
import type {
  AppendFile,
  FileKind,
  FileOwner,
  Files,
} from "../../../src/runtime/runtime.ts";

/** A system error with its code. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it was to be so`), { code });
}

/** Files in a map; a folder is where a file's path leads through. */
export class FakeFiles implements Files {
  readonly texts = new Map<string, string>();
  readonly links = new Map<string, string>();
  readonly sockets = new Set<string>();
  /** Who files were made for. */
  readonly owners = new Map<string, FileOwner>();
  /** Paths of the files that are open for appending. */
  readonly opened: string[] = [];
  /** How many bytes a file may still grow. */
  readonly rooms = new Map<string, number>();
  /** Calls that fail, `readText /path`, and how. */
  readonly failures = new Map<string, Error>();

  #attempt(call: string): void {
    const failure = this.failures.get(call);
    if (failure !== undefined) throw failure;
  }

  readText(path: string): string | undefined {
    this.#attempt(`readText ${path}`);
    return this.texts.get(this.#followed(path));
  }

  replaceText(path: string, text: string): void {
    this.#attempt(`replaceText ${path}`);
    this.texts.set(path, text);
  }

  createFor(owner: FileOwner, path: string): void {
    this.#attempt(`createFor ${path}`);
    if (this.kind(path) !== undefined) return;
    this.texts.set(path, "");
    this.owners.set(path, owner);
  }

  makePrivate(path: string, owner: FileOwner): void {
    this.#attempt(`makePrivate ${path}`);
    this.owners.set(path, owner);
  }

  /** Appends to `texts`, as far as `rooms` lets it. */
  openAppend(path: string): AppendFile {
    this.#attempt(`openAppend ${path}`);
    this.texts.set(path, this.texts.get(path) ?? "");
    this.opened.push(path);
    let closed = false;
    let torn = false;
    return {
      get torn() {
        return torn;
      },
      abandon: () => 0,
      write: (bytes) => {
        if (closed) return false;
        const room = this.rooms.get(path) ?? Infinity;
        const part = bytes.subarray(0, room);
        if (room < Infinity) this.rooms.set(path, room - part.length);
        const text = new TextDecoder().decode(part);
        this.texts.set(path, this.texts.get(path) + text);
        torn = part.length < bytes.length;
        return !torn;
      },
      close: () => {
        closed = true;
        this.opened.splice(this.opened.indexOf(path), 1);
      },
    };
  }

  /** Permission bits of files; 0o644 unless they are given. */
  readonly modes = new Map<string, number>();

  ownerOf(path: string): FileOwner & { mode: number } | undefined {
    if (this.kind(path) === undefined) return undefined;
    const { uid, gid } = this.owners.get(path) ?? { uid: 0, gid: 0 };
    return { uid, gid, mode: this.modes.get(path) ?? 0o644 };
  }

  stamp(path: string): string | undefined {
    this.#attempt(`stamp ${path}`);
    return this.texts.get(this.#followed(path));
  }

  follow(path: string): () => string {
    const from = (this.texts.get(path) ?? "").length;
    return () => (this.texts.get(path) ?? "").slice(from);
  }

  kind(name: string): FileKind | undefined {
    const path = this.#followed(name);
    if (this.texts.has(path)) return "file";
    if (this.sockets.has(path)) return "socket";
    return this.list(path).length > 0 ? "folder" : undefined;
  }

  list(path: string): string[] {
    this.#attempt(`list ${path}`);
    const inside = path === "/" ? path : `${path}/`;
    const names = new Set<string>();
    for (const one of [...this.texts.keys(), ...this.links.keys()]) {
      if (!one.startsWith(inside)) continue;
      names.add(one.slice(inside.length).split("/")[0] as string);
    }
    return [...names];
  }

  listFolders(path: string): string[] {
    const followed = this.#followed(path);
    return this.list(followed).filter((name) => {
      const one = `${followed}/${name}`;
      return this.links.has(one) || !this.texts.has(one);
    });
  }

  realPath(path: string): string | undefined {
    const real = this.#followed(path);
    return this.kind(real) === undefined ? undefined : real;
  }

  /** Follows links to absolute paths. */
  #followed(path: string): string {
    for (const [link, target] of this.links) {
      if (!target.startsWith("/")) continue;
      if (path !== link && !path.startsWith(`${link}/`)) continue;
      return this.#followed(target + path.slice(link.length));
    }
    return path;
  }

  readLink(path: string): string {
    this.#attempt(`readLink ${path}`);
    const target = this.links.get(path);
    if (target === undefined) throw systemError("ENOENT");
    return target;
  }

  remove(path: string): void {
    this.#attempt(`remove ${path}`);
    this.texts.delete(path);
    this.sockets.delete(path);
  }

  readonly foldersRemoved: string[] = [];

  removeFolder(path: string): void {
    this.foldersRemoved.push(path);
  }

  move(from: string, to: string): void {
    this.rename(from, to);
  }

  rename(from: string, to: string): void {
    this.#attempt(`rename ${from}`);
    this.texts.set(to, this.texts.get(from) as string);
    this.texts.delete(from);
  }
}
