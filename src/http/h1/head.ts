/** A request's head, as the parser leaves it. */
import type { Target } from "./target.ts";
import { urlOf } from "./target.ts";

/** How the end of a request's body is found, RFC 9112 section 6.3. */
export type Framing = "none" | "length" | "chunked";

/** Tells names that matter from others. */
export interface NameTest {
  /** The length of a name, and its first letter in whatever case. */
  mayBe(length: number, first: number): boolean;
}

/** One request's line and fields; texts are cut out of `text` when they are asked for. */
export class Head {
  readonly method: string;
  readonly target: Target;
  /** The target as it was sent. */
  readonly rawTarget: string;
  /** The minor version, 0 or 1. */
  readonly minor: number;
  readonly framing: Framing;
  /** The body's length where it is framed by one, 0 elsewhere. */
  readonly length: number;
  /** True when the client lets the connection stay open. */
  readonly keepsAlive: boolean;
  /** True when the client waits for 100 before it sends the body. */
  readonly expectsContinue: boolean;
  /** True where `Connection: upgrade` names an Upgrade field. */
  readonly upgrades: boolean;
  readonly #stable: boolean;
  readonly #text: string;
  readonly #offsets: readonly number[];

  constructor(
    facts: Pick<
      Head,
      | "method"
      | "target"
      | "rawTarget"
      | "minor"
      | "framing"
      | "length"
      | "keepsAlive"
      | "expectsContinue"
      | "upgrades"
    >,
    text: string,
    offsets: readonly number[],
    stable: boolean,
  ) {
    this.method = facts.method;
    this.target = facts.target;
    this.rawTarget = facts.rawTarget;
    this.minor = facts.minor;
    this.framing = facts.framing;
    this.length = facts.length;
    this.keepsAlive = facts.keepsAlive;
    this.expectsContinue = facts.expectsContinue;
    this.upgrades = facts.upgrades;
    this.#text = text;
    this.#offsets = offsets;
    this.#stable = stable;
  }

  /** The URL that the request is for. */
  get url(): string {
    return urlOf(this.target, this.#stable);
  }

  /** False where no name passes by its length and first letter: no text is made for that. */
  mayName(filter: NameTest): boolean {
    const text = this.#text;
    const offsets = this.#offsets;
    for (let at = 0; at < offsets.length; at += 4) {
      const from = offsets[at] as number;
      const length = offsets[at + 1]! - from;
      if (filter.mayBe(length, text.charCodeAt(from))) return true;
    }
    return false;
  }

  /** The value of a field, by its name in lower case; those of several with ", " between them. */
  field(name: string): string | undefined {
    const text = this.#text;
    const offsets = this.#offsets;
    const { length } = name;
    const first = name.charCodeAt(0) | 32;
    let value: string | undefined;
    for (let at = 0; at < offsets.length; at += 4) {
      const from = offsets[at] as number;
      if (offsets[at + 1]! - from !== length) continue;
      if ((text.charCodeAt(from) | 32) !== first) continue;
      if (text.slice(from, from + length).toLowerCase() !== name) continue;
      const more = text.slice(offsets[at + 2], offsets[at + 3]);
      value = value === undefined ? more : `${value}, ${more}`;
    }
    return value;
  }

  /** Names in lower case and values, one after the other, in the order they came in. */
  fields(): string[] {
    const fields = this.rawFields();
    for (let at = 0; at < fields.length; at += 2) {
      fields[at] = fields[at]!.toLowerCase();
    }
    return fields;
  }

  /** Names and values, one after the other, as they were sent. */
  rawFields(): string[] {
    const text = this.#text;
    const offsets = this.#offsets;
    const fields: string[] = [];
    for (let at = 0; at < offsets.length; at += 2) {
      fields.push(text.slice(offsets[at], offsets[at + 1]));
    }
    return fields;
  }
}
