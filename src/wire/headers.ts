/** Headers over a plain list: nothing is validated twice, nothing sorted before somebody asks. */
import { consistsOf, TOKEN, VALUE } from "./octets.ts";
import { nameClass, standIn } from "./stand-in.ts";

/** A name in lower case. @throws TypeError where it is no token */
function nameOf(name: unknown): string {
  const text = String(name);
  if (text !== "" && consistsOf(text, TOKEN)) return text.toLowerCase();
  throw new TypeError(`Cannot use "${text}" as a header name: it is no token`);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** A value without the white space around it. @throws TypeError where it has bytes that no value may have */
function valueOf(value: unknown): string {
  let text = String(value);
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  if (to - from < text.length) text = text.slice(from, to);
  if (consistsOf(text, VALUE)) return text;
  throw new TypeError("Cannot use a header value: it has control characters");
}

/** What `new Headers()` takes. */
export type HeadersSource =
  | Headers
  | Iterable<readonly string[]>
  | Readonly<Record<string, string>>;

/**
 * The web's Headers, as the list that was on the wire. Its prototype chain
 * makes it an instance of the runtime's own class, whose methods are all
 * replaced here.
 */
export class WireHeaders {
  /** Names in lower case and values, one after the other. */
  readonly list: string[];

  /** Takes over a list whose names and values are known to be valid. */
  constructor(list: string[] = []) {
    this.list = list;
  }

  /** Adds what a program gave, as `new Headers(source)` does. @throws TypeError */
  static from(source: HeadersSource | undefined): WireHeaders {
    const headers = new WireHeaders();
    if (source === undefined) return headers;
    if (source === null || typeof source !== "object") {
      throw new TypeError("Cannot use headers: they are no object");
    }
    if (source instanceof WireHeaders) return new WireHeaders([...source.list]);
    if (Symbol.iterator in source) {
      for (const pair of source as Iterable<readonly string[]>) {
        const [name, value, ...more] = pair;
        if (value === undefined || more.length > 0) {
          throw new TypeError("Cannot use a header: it is no pair");
        }
        headers.append(name as string, value);
      }
    } else {
      for (const name of Object.keys(source)) {
        headers.append(name, (source as Record<string, string>)[name]!);
      }
    }
    return headers;
  }

  append(name: string, value: string): void {
    this.list.push(nameOf(name), valueOf(value));
  }

  set(name: string, value: string): void {
    const key = nameOf(name);
    const text = valueOf(value);
    const at = this.#find(key, 0);
    if (at < 0) {
      this.list.push(key, text);
    } else {
      this.list[at + 1] = text;
      this.#remove(key, at + 2);
    }
  }

  delete(name: string): void {
    this.#remove(nameOf(name), 0);
  }

  has(name: string): boolean {
    return this.#find(nameOf(name), 0) >= 0;
  }

  get(name: string): string | null {
    const key = nameOf(name);
    const at = this.#find(key, 0);
    if (at < 0) return null;
    let value = this.list[at + 1] as string;
    for (
      let next = this.#find(key, at + 2);
      next >= 0;
      next = this.#find(key, next + 2)
    ) {
      // A cookie that was sent in parts is put together by RFC 9113 section 8.2.3.
      value += (key === "cookie" ? "; " : ", ") + this.list[next + 1];
    }
    return value;
  }

  getSetCookie(): string[] {
    return this.list.filter((_, at) =>
      at % 2 === 1 && this.list[at - 1] === "set-cookie"
    );
  }

  forEach(
    run: (value: string, name: string, headers: Headers) => void,
    self?: unknown,
  ): void {
    for (const [name, value] of this.#pairs()) {
      run.call(self, value, name, this as unknown as Headers);
    }
  }

  *entries(): Generator<[string, string]> {
    yield* this.#pairs();
  }

  *keys(): Generator<string> {
    for (const [name] of this.#pairs()) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.#pairs()) yield value;
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }

  /** As Bun's own headers have it, for what is written by JSON.stringify(). */
  toJSON(): Record<string, string> {
    return Object.fromEntries(this.#pairs());
  }

  #find(key: string, from: number): number {
    const { list } = this;
    for (let at = from; at < list.length; at += 2) {
      if (list[at] === key) return at;
    }
    return -1;
  }

  #remove(key: string, from: number): void {
    for (
      let at = this.#find(key, from);
      at >= 0;
      at = this.#find(key, at)
    ) this.list.splice(at, 2);
  }

  /** Sorted by name, the values of one name together; each Set-Cookie for itself. */
  #pairs(): [string, string][] {
    const pairs: [string, string][] = [];
    const names = new Set(this.list.filter((_, at) => at % 2 === 0));
    for (const name of [...names].sort()) {
      if (name === "set-cookie") {
        for (const value of this.getSetCookie()) pairs.push([name, value]);
      } else {
        pairs.push([name, this.get(name) as string]);
      }
    }
    return pairs;
  }
}

/** The runtime's own Headers; `globals.ts` puts something else in its place. */
const Native = Headers;

/** What stands for the runtime's own Headers where nothing of the runtime needs its own. */
export class LightHeaders extends WireHeaders {
  constructor(source?: HeadersSource) {
    super(WireHeaders.from(source).list);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === LightHeaders
      ? value instanceof Native
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

standIn(
  WireHeaders.prototype,
  new Native(),
  (headers) => new Native([...headers]),
);
nameClass(WireHeaders, "Headers");
nameClass(LightHeaders, "Headers");
