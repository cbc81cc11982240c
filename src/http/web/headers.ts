/** Headers over a plain list: nothing is validated twice, nothing sorted before it must be. */
import type { HeadersSource } from "../../runtime/exchange.ts";
import { nameOf, valueOf } from "./header-text.ts";
import { iteratePairs } from "./headers-iterator.ts";
import type { Pair } from "./headers-iterator.ts";
import { asInterface, inspectAs, standIn } from "./impersonate.ts";

/** Web IDL counts what was given, `undefined` too. @throws TypeError */
function need(count: number, given: number): void {
  if (given >= count) return;
  throw new TypeError(
    `Cannot call a method of Headers: it takes ${count} arguments, not ${given}`,
  );
}

/** Says that a list is taken over, which is corn's to say. */
const TAKEN: unique symbol = Symbol("taken");

/**
 * The web's Headers, as the list that was on the wire. Its prototype chain
 * makes it an instance of the runtime's own class, whose methods are all
 * replaced here.
 */
export class WireHeaders {
  /** Names in lower case and values, one after the other. */
  readonly #list: string[];
  /** True for headers that were made empty, until a Response is made of them. */
  #fresh = false;
  /** What iterators go through, until something changes. */
  #sorted: readonly Pair[] | undefined;

  /** As `new Headers(source)`. @throws TypeError */
  constructor(source?: HeadersSource | typeof TAKEN, list?: string[]) {
    if (source === TAKEN) {
      this.#list = list as string[];
      return;
    }
    if (source === undefined) {
      this.#fresh = true;
      this.#list = [];
    } else this.#list = WireHeaders.listOf(source);
  }

  /** The list of `new Headers(source)`, which is the caller's own. @throws TypeError */
  static listOf(source: HeadersSource): string[] {
    if (
      source === null ||
      (typeof source !== "object" && typeof source !== "function")
    ) throw new TypeError("Cannot use headers: they are no object");
    const list: string[] = [];
    const iterate = (source as Partial<Iterable<unknown>>)[Symbol.iterator];
    if (iterate === undefined || iterate === null) {
      for (const name of Object.keys(source)) {
        const value = (source as Record<string, string>)[name];
        list.push(nameOf(name), valueOf(value));
      }
    } else if (#list in source && iterate === entriesOf) {
      list.push(...(source as WireHeaders).#list);
    } else {
      for (const pair of source as Iterable<Iterable<unknown>>) {
        const parts = pair !== null && typeof pair === "object"
          ? [...pair]
          : [];
        if (parts.length !== 2) {
          throw new TypeError("Cannot use a header: it is no pair");
        }
        list.push(nameOf(parts[0]), valueOf(parts[1]));
      }
    }
    return list;
  }

  /** Takes over a list whose names and values are known to be valid. */
  static over(list: string[]): WireHeaders {
    return new WireHeaders(TAKEN, list);
  }

  /**
   * The list of headers that were made empty, once: what is changed in them
   * after the first Response was made of them is seen by that, as with
   * @hono/node-server (2.1.8), whose serveStatic() counts on it. Undefined for
   * any others, and where `needed` is not among them: they are copied, as the
   * standard says.
   */
  static lend(source: unknown, needed?: string): readonly string[] | undefined {
    if (typeof source !== "object" || source === null) return undefined;
    if (!(#fresh in source) || !source.#fresh) return undefined;
    if (needed !== undefined && source.#find(needed, 0) === -1) {
      return undefined;
    }
    source.#fresh = false;
    return source.#list;
  }

  /** Names in lower case and values, one after the other; change them only before the headers are given to other code. */
  static list(headers: WireHeaders): string[] {
    return headers.#list;
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return this === WireHeaders
      ? value instanceof Native
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  append(name: string, value: string): void {
    need(2, arguments.length);
    this.#append(name, value);
  }

  set(name: string, value: string): void {
    need(2, arguments.length);
    const key = nameOf(name);
    const text = valueOf(value);
    const at = this.#find(key, 0);
    this.#sorted = undefined;
    if (at === -1) {
      this.#list.push(key, text);
    } else {
      this.#list[at + 1] = text;
      this.#remove(key, at + 2);
    }
  }

  delete(name: string): void {
    need(1, arguments.length);
    const key = nameOf(name);
    this.#sorted = undefined;
    this.#remove(key, 0);
  }

  has(name: string): boolean {
    need(1, arguments.length);
    return this.#find(nameOf(name), 0) !== -1;
  }

  get(name: string): string | null {
    need(1, arguments.length);
    return this.#get(nameOf(name));
  }

  getSetCookie(): string[] {
    return this.#list.filter((_, at) =>
      at % 2 === 1 && this.#list[at - 1] === "set-cookie"
    );
  }

  forEach(
    run: (value: string, name: string, headers: Headers) => void,
    self: unknown = undefined,
  ): void {
    if (typeof run !== "function") {
      throw new TypeError("Cannot go through headers: that is no function");
    }
    for (const [name, value] of this.entries()) {
      run.call(self, value, name, this as unknown as Headers);
    }
  }

  entries(): IterableIterator<[string, string]> {
    // The app may change a pair that it gets.
    return this.#iterate(([name, value]) => [name, value]);
  }

  keys(): IterableIterator<string> {
    return this.#iterate(([name]) => name);
  }

  values(): IterableIterator<string> {
    return this.#iterate(([, value]) => value);
  }

  declare [Symbol.iterator]: () => IterableIterator<[string, string]>;

  static {
    Object.defineProperty(this.prototype, Symbol.iterator, {
      value: this.prototype.entries,
      configurable: true,
      writable: true,
    });
  }

  /** As Bun's own headers have it, for what is written by JSON.stringify(). */
  toJSON(): Record<string, string> {
    return Object.fromEntries(this.#pairs());
  }

  #append(name: unknown, value: unknown): void {
    this.#list.push(nameOf(name), valueOf(value));
    this.#sorted = undefined;
  }

  #get(key: string): string | null {
    const at = this.#find(key, 0);
    if (at === -1) return null;
    let value = this.#list[at + 1] as string;
    for (
      let next = this.#find(key, at + 2);
      next !== -1;
      next = this.#find(key, next + 2)
    ) {
      // A cookie that was sent in parts is put together by RFC 9113 section 8.2.3.
      value += (key === "cookie" ? "; " : ", ") + this.#list[next + 1];
    }
    return value;
  }

  #find(key: string, from: number): number {
    const list = this.#list;
    for (let at = from; at < list.length; at += 2) {
      if (list[at] === key) return at;
    }
    return -1;
  }

  #remove(key: string, from: number): void {
    for (
      let at = this.#find(key, from);
      at !== -1;
      at = this.#find(key, at)
    ) this.#list.splice(at, 2);
  }

  #iterate<T>(pick: (pair: Pair) => T): IterableIterator<T> {
    return iteratePairs(() => this.#pairs(), pick);
  }

  /** Sorted by name, the values of one name together; each Set-Cookie for itself. */
  #pairs(): readonly Pair[] {
    return this.#sorted ??= this.#asTheyStand() ?? this.#sort();
  }

  /** The list in pairs where it is sorted as it stands, as short ones often are. */
  #asTheyStand(): readonly Pair[] | undefined {
    const list = this.#list;
    const pairs: Pair[] = [];
    for (let at = 0; at < list.length; at += 2) {
      const name = list[at] as string;
      if (at > 0 && name <= (list[at - 2] as string)) return undefined;
      pairs.push([name, list[at + 1] as string]);
    }
    return pairs;
  }

  #sort(): readonly Pair[] {
    const pairs: Pair[] = [];
    const names = new Set(this.#list.filter((_, at) => at % 2 === 0));
    for (const name of [...names].sort()) {
      if (name === "set-cookie") {
        for (const value of this.getSetCookie()) pairs.push([name, value]);
      } else {
        pairs.push([name, this.#get(name) as string]);
      }
    }
    return pairs;
  }
}

/** The runtime's own Headers; `globals.ts` puts something else in its place. */
const Native = Headers;
const entriesOf: unknown = WireHeaders.prototype.entries;

standIn(
  WireHeaders.prototype,
  new Native(),
  (headers) => new Native([...headers]),
);
asInterface(WireHeaders, "Headers");
inspectAs(WireHeaders.prototype, "Headers", (headers) => {
  const names = WireHeaders.list(headers).filter((_, at) => at % 2 === 0);
  return Object.fromEntries(names.map((name) => [name, headers.get(name)]));
});
