import {
  hasBackslash,
  originOf,
  resolveTarget,
  urlOf,
} from "../../../src/http/h1/target.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const target = suite("A request's target");

target("originOf() knows hosts by their scheme, asked in any order", () => {
  const asked = [
    ["a", false, "http://a"],
    ["a", false, "http://a"],
    ["a", true, "https://a"],
    ["b:8000", true, "https://b:8000"],
    ["a", false, "http://a"],
    ["a b", false, undefined],
    ["a b", false, undefined],
    ["a", false, "http://a"],
    ["A:443", true, "https://a"],
    ["A:443", false, "http://a:443"],
    ["a:80", true, "https://a:80"],
    ["", true, undefined],
    ["a", true, "https://a"],
  ] as const;
  for (const [host, secure, origin] of asked) {
    assert.is(originOf(host, secure), origin, `${host}, ${secure}`);
  }
  assert.is(originOf("a"), "http://a");
});

target("originOf() knows any number of hosts", () => {
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < 600; at++) {
      assert.is(originOf(`h${at}.example:81`), `http://h${at}.example:81`);
    }
  }
});

target("resolveTarget() takes what the connection serves", () => {
  const resolve = (text: string, host: string, method = "GET") =>
    resolveTarget(text, { method, host });
  const [plain, secure] = ["http://a", "https://a"];
  assert.equal(resolve("https://B:443/c?d", secure), {
    origin: "https://b",
    path: "/c?d",
  });
  assert.equal(resolve("http://b", plain), { origin: "http://b", path: "/" });
  assert.equal(resolve("HTTP://b?c/d", plain), {
    origin: "http://b",
    path: "/?c/d",
  });
  assert.equal(resolve("*", secure, "OPTIONS"), { origin: secure, path: "/" });
  for (
    const [text, host, status] of [
      ["http://a/", secure, 421],
      ["https://a/", plain, 421],
      ["https://a b/", secure, 400],
      ["ws://a/", plain, 400],
      ["*", plain, 400],
    ] as const
  ) {
    const refused = resolve(text, host);
    assert.is("status" in refused && refused.status, status, text);
  }
});

target("hasBackslash() looks before the query", () => {
  for (
    const [path, has] of [
      ["/a", false],
      ["/a?b", false],
      ["\\", true],
      ["/a\\b", true],
      ["/a\\?b", true],
      ["/a?\\", false],
      ["?\\", false],
    ] as const
  ) assert.is(hasBackslash(path), has, path);
});

target("urlOf() takes dot segments away, however they are written", () => {
  for (
    const [path, url] of [
      ["/a/b", "/a/b"],
      ["/a/../b", "/b"],
      ["/a/%2e%2e/b", "/b"],
      ["/a/%2E%2E/b", "/b"],
      ["/a/%2e./b", "/b"],
      ["/a/.%2E/b", "/b"],
      ["/a%2Fb%20c", "/a%2Fb%20c"],
      ["/a.b", "/a.b"],
    ] as const
  ) {
    for (const stable of [true, false]) {
      const full = urlOf({ origin: "http://a", path }, stable);
      assert.is(full, `http://a${url}`, path);
    }
  }
  const odd = { origin: "http://a", path: "/?'" };
  assert.is(urlOf(odd, false), "http://a/?%27");
});

target.run();
