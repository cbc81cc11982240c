import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { anchorsOf, judgeIndex, judgeLinks } from "../../scripts/links.ts";

const links = suite("links");

const files = new Set([
  "README.md",
  "docs/a.md",
  "src/base",
  "src/base/ip.ts",
  "LICENSE",
]);
const exists = (path: string) => files.has(path);

function judge(text: string): string[] {
  const pages = [
    { path: "README.md", text: "# corn\n\n## Try it\n" },
    { path: "docs/a.md", text },
  ];
  return judgeLinks(pages, exists);
}

links("judgeLinks() passes files, headings and addresses", () => {
  assert.equal(
    judge(
      "# A `b` (c)\n[x](../README.md#try-it) [y](#a-b-c) [z](../LICENSE) [w](https://example.org/#nothing)",
    ),
    [],
  );
});

links("judgeLinks() names a file that is not there, and its line", () => {
  assert.equal(judge("# A\n\n[x](b.md)"), [
    'docs/a.md:3: "b.md" is not there',
  ]);
});

links("judgeLinks() names a heading that is not there", () => {
  assert.equal(judge("[x](../README.md#try)\n[y](#b)"), [
    'docs/a.md:1: "../README.md#try" is no heading of README.md',
    'docs/a.md:2: "#b" is no heading of docs/a.md',
  ]);
});

links("judgeLinks() passes over what stands in code", () => {
  assert.equal(
    judge("`[x](b.md)`\n\n```\n[x](b.md)\n```\n\n    [x](b.md)"),
    [],
  );
});

links("judgeLinks() names a source file that is not there", () => {
  assert.equal(
    judge("`base/ip.ts` (src/base/ip.ts) `base/op.ts` (src/op.ts)"),
    [
      "docs/a.md:1: `base/op.ts` is not there",
      "docs/a.md:1: `src/op.ts` is not there",
    ],
  );
});

links("judgeLinks() names a folder that is not there", () => {
  assert.equal(judge("`src/base` `tests/base` `base/base`"), [
    "docs/a.md:1: `tests/base` is not there",
  ]);
});

links("anchorsOf() tells headings of the same name apart", () => {
  assert.equal(
    [...anchorsOf("# One\n## Two: `--x`, [y](z)\n## One\n```\n# No\n```\n")],
    ["one", "two---x-y", "one-1"],
  );
});

links("judgeIndex() names the pages that an index leaves out", () => {
  const index = { path: "docs/README.md", text: "[a](a.md#x)" };
  assert.equal(
    judgeIndex(index, ["docs/README.md", "docs/a.md", "docs/b.md"]),
    ["docs/README.md has no link to docs/b.md"],
  );
});

links.run();
