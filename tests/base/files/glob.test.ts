import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { parseGlob } from "../../../src/base/files/glob.ts";

const glob = suite("parseGlob");

const cases: readonly [string, string, boolean, string[], string[]][] = [
  ["/a/b.css", "/a", false, ["/a/b.css"], ["/a/b_css", "/a/c/b.css", "/a"]],
  ["/a/*.css", "/a", false, ["/a/b.css", "/a/.css"], ["/a/c/b.css"]],
  ["/a/?.css", "/a", false, ["/a/b.css"], ["/a/bb.css", "/a//.css"]],
  ["/a/**/b.css", "/a", true, ["/a/b.css", "/a/c/d/b.css"], ["/a/xb.css"]],
  ["/a/**", "/a", true, ["/a/b", "/a/c/d"], ["/a", "/ab"]],
  ["/a/*/b", "/a", true, ["/a/c/b"], ["/a/b", "/a/c/d/b"]],
  ["/a(1)/[b].x+", "/a(1)", false, ["/a(1)/[b].x+"], ["/a(1)/b.xx"]],
  [
    "/a/**/b/**/c*d*e",
    "/a",
    true,
    ["/a/b/cde", "/a/x/b/b/y/cxdye"],
    ["/a/cde", "/a/x/b/ced"],
  ],
  ["/a/**/b/c", "/a", true, ["/a/b/x/b/c"], ["/a/b/x/c"]],
  ["/a/c/**/c/d", "/a/c", true, ["/a/c/c/d", "/a/c/x/c/d"], ["/a/c/d"]],
  ["/b.css", "/", false, ["/b.css"], ["/a/b.css"]],
];

for (const [pattern, base, deep, yes, no] of cases) {
  glob(`reads ${pattern}`, () => {
    const read = parseGlob(pattern);
    assert.is(read.base, base);
    assert.is(read.deep, deep);
    for (const path of yes) assert.ok(read.matches(path), path);
    for (const path of no) assert.not.ok(read.matches(path), path);
  });
}

glob("matches() looks at a name a bounded number of times", () => {
  const stars = "*a".repeat(40);
  const { matches } = parseGlob(`/**/**/**/**/${stars}*b`);
  // An expression would not come to an end.
  const from = performance.now();
  assert.not.ok(matches(`${"/a".repeat(1000)}/${"a".repeat(5000)}`));
  assert.ok(performance.now() - from < 5000);
});

glob.run();
