import { escapeUnit, replaceControls } from "../../src/base/controls.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const controls = suite("controls");

controls(
  "replaceControls() finds what a terminal obeys, and nothing else",
  () => {
    const found: string[] = [];
    const every = String.fromCharCode(...Array.from({ length: 0xd800 }).keys());
    replaceControls(every, (one) => {
      found.push(one.charCodeAt(0).toString(16));
      return "";
    });
    // C0 but for the tab, DEL and C1 (ECMA-48); line and paragraph separators,
    // embeddings and overrides, and isolates (UAX #9).
    const ranges = [[0, 8], [10, 0x1f], [0x7f, 0x9f]];
    ranges.push([0x2028, 0x202e], [0x2066, 0x2069]);
    const wanted = ranges.flatMap(([from = 0, to = 0]) =>
      Array.from({ length: to - from + 1 }, (_, at) => (from + at).toString(16))
    );
    assert.equal(found, wanted);
  },
);

controls("replaceControls() leaves the rest as it is", () => {
  const shown = replaceControls("a\tb\nc\u2066\u{1F33D}", () => "?");
  assert.is(shown, "a\tb?c?\u{1F33D}");
});

controls("escapeUnit() writes four digits", () => {
  assert.is(escapeUnit("\n"), "\\u000a");
  assert.is(escapeUnit("\u2028"), "\\u2028");
});

controls.run();
