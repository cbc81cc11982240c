import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import {
  NameFilter,
  valueIn,
} from "../../../src/gateway/proxies/name-filter.ts";

const filter = suite("NameFilter");

const LONG = "x-" + "a".repeat(80);
const names = ["x-forwarded-for", "forwarded", "a", LONG];

filter("mayBeAmong() finds each name in any case", () => {
  const looked = new NameFilter(names);
  for (const name of names) {
    for (const sent of [name, name.toUpperCase()]) {
      assert.ok(looked.mayBeAmong(["Host", "forwarded", sent, ""]), sent);
    }
  }
});

filter("mayBeAmong() is false where none has length and letter", () => {
  const looked = new NameFilter(names);
  const others = ["Host", "Accept-Encoding", "Cookie", "User-Agent", "X", ""];
  const fields = others.flatMap((name) => [name, "x-forwarded-for"]);
  assert.not(looked.mayBeAmong(fields));
  assert.not(looked.mayBeAmong([]));
  assert.not(new NameFilter([]).mayBeAmong(["Host", "a.example"]));
});

filter("isAmong() takes an empty value for one", () => {
  const looked = new NameFilter(["x-forwarded-for", "x-real-ip"]);
  const headers = (name: string) => new Headers({ [name]: "" });
  assert.ok(looked.isAmong(headers("X-Real-IP")));
  assert.ok(looked.isAmong(headers("x-forwarded-for")));
  assert.not(looked.isAmong(headers("x-forwarded-foo")));
});

filter("isIn() takes an empty value for one", () => {
  const looked = new NameFilter(names);
  const headers = new Headers({ forwarded: "" });
  assert.ok(looked.isIn((name) => headers.get(name)));
  assert.not(looked.isIn((name) => new Headers().get(name)));
  assert.not(looked.isIn(() => undefined));
});

filter("valueIn() reads as Headers do", () => {
  const pairs: [string, string][] = [
    ["X-Forwarded-For", "192.0.2.1"],
    ["Host", "a.example"],
    ["x-forwarded-FOR", "192.0.2.2, 192.0.2.3"],
    ["Forwarded", ""],
  ];
  const headers = new Headers(pairs);
  for (const name of [...names, "host"]) {
    const found = valueIn(pairs.flat(), name);
    assert.is(found ?? null, headers.get(name), name);
  }
});

filter.run();
