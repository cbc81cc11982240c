/** What files were when they were looked at last. */
import { attempt } from "../../base/attempt.ts";
import type { Files } from "../../runtime/runtime.ts";

/** Finds what has changed between two looks, where the system tells of nothing: network file systems, a container's mounts of its host. */
export class Stamps {
  readonly #files: Pick<Files, "stamp">;
  readonly #stamps = new Map<string, string | undefined>();

  constructor(files: Pick<Files, "stamp">) {
    this.#files = files;
  }

  /** Looks at these files, and at no others from now on. */
  renew(paths: Iterable<string>): void {
    this.#stamps.clear();
    this.add(paths);
  }

  /** Looks at these files as well from now on. */
  add(paths: Iterable<string>): void {
    for (const path of paths) this.#stamps.set(path, this.#read(path));
  }

  /** Looks at them again, and at these; gives those that are not as they were. */
  changed(more: Iterable<string>): string[] {
    return [...new Set([...this.#stamps.keys(), ...more])].filter((path) => {
      const now = this.#read(path);
      if (now === this.#stamps.get(path)) return false;
      this.#stamps.set(path, now);
      return true;
    });
  }

  #read(path: string): string | undefined {
    return attempt(() => this.#files.stamp(path));
  }
}
