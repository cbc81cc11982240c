/** Headers of the runtime's own that follow a list, which an app may go on to change. */

export class HeaderMirror {
  readonly #list: readonly string[];
  /** What it was at the last look. */
  #seen: readonly string[];

  /** `list` has names in lower case and values, one after the other. */
  constructor(list: readonly string[]) {
    this.#list = list;
    this.#seen = [...list];
  }

  /** Makes `headers`, which were made of the list, what that is now. */
  update(headers: Headers): void {
    const list = this.#list;
    const seen = this.#seen;
    if (
      list.length === seen.length && list.every((one, at) => one === seen[at])
    ) return;
    this.#seen = [...list];
    for (const name of [...headers.keys()]) headers.delete(name);
    for (let at = 0; at < list.length; at += 2) {
      headers.append(list[at] as string, list[at + 1] as string);
    }
  }
}
