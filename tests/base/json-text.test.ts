import { jsonText } from "../../src/base/json-text.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const json = suite("jsonText");

json("has the value in one line without anything that a terminal obeys", () => {
  const text =
    "\x00\x07\n\x1b[2J\x7f\x85\x9b31m\u2028\u2029\u202e\u2066 é世\u{1F33D}";
  const written = jsonText({ [text]: [text, null, 1.5] });
  assert.equal(JSON.parse(written), { [text]: [text, null, 1.5] });
  assert.match(jsonText("\x9b31m é"), /^"\\u009b31m é"$/);
  // deno-lint-ignore no-control-regex
  assert.not.match(written, /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/);
});

json.run();
