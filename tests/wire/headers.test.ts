import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LightHeaders, WireHeaders } from "../../src/wire/headers.ts";
import { runtimeName } from "../support/command.ts";
import { randomFrom, seed } from "./read.ts";

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
    assert.equal([...WireHeaders.from(source as HeadersInit)], [...real]);
  }
  assert.throws(() => WireHeaders.from([["a"]]), TypeError);
});

headers("light ones pass for Headers, and so do the runtime's own", () => {
  const light = new LightHeaders({ A: "b" }) as unknown as Headers;
  assert.ok(light instanceof Headers);
  assert.ok(new Headers() instanceof LightHeaders);
  assert.not.ok({} instanceof LightHeaders);
  class Own extends LightHeaders {}
  assert.ok(new Own() instanceof Own);
  assert.not.ok(light instanceof Own);
  assert.is(new Headers(light).get("a"), "b");
  assert.is(new Response("", { headers: light }).headers.get("a"), "b");
});

headers("they print as a record", () => {
  const text = JSON.stringify(WireHeaders.from({ A: "b" }));
  assert.is(text, '{"a":"b"}');
});

headers.run();
