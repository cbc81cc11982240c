import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { splitWords } from "../../src/base/split.ts";
import { UsageError } from "../../src/base/errors.ts";

const split = suite("split");

const cases: readonly [string, readonly string[]][] = [
  ["", []],
  ["  \n\t", []],
  ["-w 4  --pid\ta.pid", ["-w", "4", "--pid", "a.pid"]],
  ["a'b c'd", ["ab cd"]],
  [`'it "is"' "it's"`, ['it "is"', "it's"]],
  [`'' ""`, ["", ""]],
  [String.raw`a\ b \'c \\`, ["a b", "'c", "\\"]],
  [String.raw`"a\"b\\c\d"`, [String.raw`a"b\c\d`]],
  [String.raw`'a\b'`, [String.raw`a\b`]],
  [`'app.ts:make({"a":1})'`, [`app.ts:make({"a":1})`]],
  ["a\\", ["a\\"]],
  ["$HOME *", ["$HOME", "*"]],
];
for (const [text, words] of cases) {
  split(`splitWords() splits ${JSON.stringify(text)}`, () => {
    assert.equal(splitWords(text), words);
  });
}

for (const text of ["'a", 'a "b', String.raw`"a\"`]) {
  split(`splitWords() refuses ${text}`, () => {
    assert.throws(
      () => splitWords(text),
      (error: unknown) =>
        error instanceof UsageError && /has no end$/.test(error.message),
    );
  });
}

split.run();
