import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { WireHeaders } from "../../../src/http/web/headers.ts";
import { Native } from "../../../src/http/web/native-response.ts";
import { runtimeName } from "../../support/process/command.ts";
import { randomFrom } from "../../support/random.ts";
import { seed } from "../h1/read.ts";

const headers = suite("WireHeaders");

const NAMES = ["A", "a", "b-c", "Set-Cookie", "x_y", "bad name", "", "ä"]
  // Bun sorts it behind all others (1.4.5).
  .filter((name) => runtimeName !== "bun" || name !== "Set-Cookie");
const VALUES = ["", "b", " b\t", "c, d", "\xfc", "\u20ac", "a\nb", "a\0b"]
  // Deno leaves out one empty value of two (2.9.5).
  .filter((value) => runtimeName !== "deno" || value !== "");

/** What a call gave, or that it threw. */
function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as Error).name;
  }
}

headers("it does what the runtime's own do, whatever is asked", () => {
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T =>
    list[Math.floor(random() * list.length)] as T;
  for (let round = 0; round < 500; round++) {
    const own = new WireHeaders() as unknown as Headers;
    const real = new Headers();
    for (let step = 0; step < 8; step++) {
      const [name, value] = [pick(NAMES), pick(VALUES)];
      const call = pick(["append", "set", "delete", "get", "has"] as const);
      const ask = (one: Headers) => outcome(() => one[call](name, value));
      const about = `seed ${seed}: ${call} ${JSON.stringify([name, value])}`;
      assert.equal(ask(own), ask(real), about);
      assert.equal([...own], [...real], about);
      assert.equal(own.getSetCookie(), real.getSetCookie(), about);
    }
    assert.equal([...own.keys(), ...own.values()], [
      ...real.keys(),
      ...real.values(),
    ]);
    const seen: string[] = [];
    own.forEach((value, name) => seen.push(name, value));
    assert.equal(seen, [...real].flat());
  }
});

headers("from() takes what new Headers() takes", () => {
  const sources = [
    undefined,
    {},
    { A: "b", c: 1 as unknown as string },
    [["a", "b"], ["a", "c"]] as [string, string][],
    new Headers({ a: "b" }),
    new Map([["a", "b"]]),
  ];
  for (const source of sources) {
    const real = new Headers(source as HeadersInit);
    assert.equal([...new WireHeaders(source as HeadersInit)], [...real]);
  }
});

headers(
  "Web IDL §3.2.17: what is no list of pairs and no record throws",
  () => {
    const make = (source: unknown) => new WireHeaders(source as HeadersInit);
    for (const source of [null, 5, "ab", [["a"]], ["ab"], [null], [5]]) {
      assert.throws(() => make(source), TypeError, JSON.stringify(source));
    }
    // A function is an object, and an iterator of null is none.
    for (const record of [() => {}, { [Symbol.iterator]: null }]) {
      assert.equal([...make(Object.assign(record, { a: "b" }))], [["a", "b"]]);
    }
  },
);

headers("light ones pass for Headers, and so do the runtime's own", () => {
  const light = new WireHeaders({ A: "b" }) as unknown as Headers;
  assert.ok(light instanceof Headers);
  assert.ok(new Headers() instanceof WireHeaders);
  assert.not.ok({} instanceof WireHeaders);
  class Own extends WireHeaders {}
  assert.ok(new Own() instanceof Own);
  assert.not.ok(light instanceof Own);
  assert.is(new Headers(light).get("a"), "b");
  assert.is(new Response("", { headers: light }).headers.get("a"), "b");
});

headers("Web IDL §3.7.7: what is missing throws, undefined is a text", () => {
  const own = new WireHeaders([["a", undefined as unknown as string]]);
  const call = (name: string, ...given: unknown[]) => () =>
    (own as unknown as Record<string, (...all: unknown[]) => unknown>)[name]!(
      ...given,
    );
  for (const name of ["get", "has", "delete"]) {
    assert.throws(call(name), TypeError, name);
  }
  for (const name of ["append", "set"]) {
    assert.throws(call(name), TypeError, name);
    assert.throws(call(name, "a"), TypeError, name);
    assert.throws(call(name, "a", Symbol("b")), TypeError, name);
  }
  for (const run of [undefined, null, 1, {}]) {
    assert.throws(call("forEach", run), TypeError);
  }
  own.append("a", null as unknown as string);
  assert.is(own.get("a"), "undefined, null");
  assert.is(own.get(undefined as unknown as string), null);
});

headers("Web IDL §3.7.10: an iterator goes on with what there is", () => {
  const own = new WireHeaders([["b", "1"], ["d", "2"]]);
  const entries = own.entries();
  assert.equal(entries.next().value, ["b", "1"]);
  own.append("c", "3");
  assert.equal(entries.next().value, ["c", "3"]);
  own.append("a", "0");
  assert.equal(entries.next().value, ["c", "3"], "it moved on by one");
  own.delete("d");
  assert.is(entries.next().done, true);
  const [pair] = own;
  pair![0] = "changed";
  assert.is([...own.keys()][0], "a");
});

headers("Web IDL §3.7.10: an iterator is one, and no generator", () => {
  const own = new WireHeaders([["a", "b"]]);
  for (const name of ["keys", "values", "entries"] as const) {
    const iterator = own[name]() as Iterator<unknown> & Iterable<unknown>;
    assert.is(iterator[Symbol.iterator](), iterator);
    assert.is(String(iterator), "[object Headers Iterator]");
    assert.is(iterator.return, undefined);
    const { next } = Object.getPrototypeOf(iterator);
    assert.throws(() => next.call({}), TypeError);
    const shape = Object.getOwnPropertyDescriptors(
      Object.getPrototypeOf(iterator) as Record<PropertyKey, unknown>,
    );
    assert.equal(Object.keys(shape), ["next"]);
    assert.is(shape["next"]?.enumerable, true);
    assert.is(shape[Symbol.toStringTag]?.configurable, true);
  }
  assert.is(own[Symbol.iterator], own.entries);
});

headers("headers with an iterator of their own are read by it", () => {
  const own = new WireHeaders({ a: "b" });
  own[Symbol.iterator] = () => [["c", "d"] as [string, string]].values();
  assert.is(new WireHeaders(own as unknown as Headers).get("c"), "d");
});

headers("Web IDL §3.7: they have the shape of an interface", () => {
  assert.equal([WireHeaders.name, WireHeaders.length], ["Headers", 0]);
  assert.equal(Object.keys(new WireHeaders({ a: "b" })), []);
  const listed: string[] = [];
  for (const name in new WireHeaders()) listed.push(name);
  for (const name of Object.keys(Headers.prototype)) {
    // Bun's own has a count, which the standard does not know (1.4.5).
    if (name !== "count") assert.ok(listed.includes(name), name);
  }
  assert.is(WireHeaders.prototype.forEach.length, 1);
  assert.is(String(new WireHeaders()), "[object Headers]");
  for (const key of [Symbol.iterator, Symbol.toStringTag] as const) {
    const shape = Object.getOwnPropertyDescriptor(WireHeaders.prototype, key);
    const tag = key === Symbol.toStringTag;
    assert.equal(
      [shape?.configurable, shape?.enumerable, shape?.writable],
      [true, false, !tag],
    );
  }
});

headers("RFC 9110 §5.5: white space around a value is none of it", () => {
  const own = new WireHeaders({ a: "\n\r\t b \t c \t\r\n", d: " \r\n" });
  assert.equal([...own], [["a", "b \t c"], ["d", ""]]);
});

headers("they print as a record", () => {
  const text = JSON.stringify(new WireHeaders({ A: "b" }));
  assert.is(text, '{"a":"b"}');
});

headers("lend() gives what was made empty away once", () => {
  const made = new WireHeaders();
  made.set("a", "b");
  assert.is(WireHeaders.lend(made, "c"), undefined, "it has no such field");
  assert.equal(WireHeaders.lend(made, "a"), ["a", "b"]);
  assert.is(WireHeaders.lend(made), undefined);
  const other = new WireHeaders();
  assert.equal(WireHeaders.lend(other), []);
  assert.is(WireHeaders.lend(other), undefined);
  assert.is(WireHeaders.lend(new WireHeaders({ a: "b" })), undefined);
  const { headers: own } = new Native();
  for (const stranger of [{ a: "b" }, null, undefined, "a", own]) {
    assert.is(WireHeaders.lend(stranger), undefined);
  }
});

headers.run();
