/** A look for some headers among all of a request's, which seldom finds any. */
import type { HeaderReader } from "./forwarded.ts";

/** Longer names share a place. */
const MAX_LENGTH = 63;

/** Header names, told from others by length and first letter. */
export class NameFilter {
  readonly #names: readonly string[];
  /** By length, a bit for each first letter. */
  readonly #letters = new Uint32Array(MAX_LENGTH + 1);

  /** Takes names in lower case. */
  constructor(names: readonly string[]) {
    this.#names = names;
    for (const name of names) {
      this.#letters[Math.min(name.length, MAX_LENGTH)]! |= 1 <<
        (name.charCodeAt(0) & 31);
    }
  }

  /** False where no name has that length and that first letter, of whatever case. */
  mayBe(length: number, first: number): boolean {
    const letters = this.#letters[length > MAX_LENGTH ? MAX_LENGTH : length]!;
    return (letters >>> (first & 31) & 1) === 1;
  }

  /** False where none of the fields, names and values one after the other, is one of these. */
  mayBeAmong(fields: readonly string[]): boolean {
    for (let at = 0; at < fields.length; at += 2) {
      const name = fields[at] as string;
      if (this.mayBe(name.length, name.charCodeAt(0))) return true;
    }
    return false;
  }

  /** True where one of the headers is there; `isIn` without a function between. */
  isAmong(headers: Pick<Headers, "get">): boolean {
    const names = this.#names;
    for (let at = 0; at < names.length; at++) {
      if (headers.get(names[at] as string) !== null) return true;
    }
    return false;
  }

  /** True where one of the headers is there. */
  isIn(read: HeaderReader): boolean {
    for (const name of this.#names) {
      if ((read(name) ?? undefined) !== undefined) return true;
    }
    return false;
  }
}

/** The value of a header among fields as they were sent; those of one name joined by commas. */
export function valueIn(
  fields: readonly string[],
  name: string,
): string | undefined {
  let value: string | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    const own = fields[at] as string;
    if (own.length !== name.length || own.toLowerCase() !== name) continue;
    const more = fields[at + 1] as string;
    value = value === undefined ? more : `${value}, ${more}`;
  }
  return value;
}
