import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { below, namesOf, rawPathOf } from "../../../src/gateway/files/path.ts";

const path = suite("paths of files");

path("rawPathOf() gives the path as it was sent", () => {
  for (
    const [url, wanted] of [
      ["http://a/b/%2e%2e/c?d#e", "/b/%2e%2e/c"],
      ["/b/../c?d=/e", "/b/../c"],
      ["http://a", undefined],
      ["*", undefined],
      ["a:80", undefined],
    ] as const
  ) assert.is(rawPathOf(url), wanted, url);
});

path("namesOf() decodes each name by itself", () => {
  assert.equal(namesOf("/"), [""]);
  assert.equal(namesOf("/a%20b/%C3%BC.txt"), ["a b", "ü.txt"]);
  assert.equal(namesOf("/docs/"), ["docs", ""]);
  assert.equal(namesOf("/.well-known/x"), [".well-known", "x"]);
});

for (
  const hidden of [
    ...["/..", "/../a", "/a/..", "/%2e%2e/a", "/.%2e/a", "/a/./b", "/%2E"],
    ...["/a%2fb", "/a%2Fb", "/..%2f..%2fa", "/a%5cb", "/..\\a", "/a%00.txt"],
    ...["/.env", "/%2eenv", "/a/.git/config", "//a", "/a//b", "/%", "/%ff"],
  ]
) {
  path(`namesOf() knows no file at ${hidden}`, () => {
    assert.is(namesOf(hidden), undefined);
  });
}

path("below() takes whole names", () => {
  assert.is(below("", "/a"), "/a");
  assert.is(below("/a", "/a/b"), "/b");
  assert.is(below("/a", "/ab"), undefined);
  assert.is(below("/a", "/a"), undefined);
  assert.is(below("/a", "/b/a/c"), undefined);
});

path.run();
