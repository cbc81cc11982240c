import {
  bytesText,
  countText,
  partText,
  shortTime,
  span,
  table,
} from "../../../src/control/commands/text.ts";
import * as assert from "../../support/assert.ts";
import { suite } from "../../support/suite.ts";

const text = suite("text");

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What each text is of. */
const cases: readonly [
  (value: number | null | undefined) => string,
  Readonly<Record<string, number>>,
][] = [
  [(ms) => span(ms ?? 0), {
    "0 ms": -5,
    "1 ms": 0.6,
    "240 ms": 240,
    "999 ms": 999,
    "1.0 s": 1000,
    "1.4 s": 1400,
    "59.0 s": 59_000,
    "1 min": MINUTE_MS,
    "59 min": HOUR_MS - 1,
    "1 h 0 min": HOUR_MS,
    "12 h 30 min": 45_000_000,
    "23 h 59 min": DAY_MS - 1,
    "1 d 0 h": DAY_MS,
    "3 d 4 h": 3 * DAY_MS + 4 * HOUR_MS,
  }],
  [shortTime, {
    "0 ms": 0,
    "0.1 ms": 0.1,
    "0.6 ms": 0.6,
    "9.9 ms": 9.9,
    "10 ms": 10,
    "1.5 s": 1500,
  }],
  [countText, { "0": 0, "0.4": 0.4, "0.9": 0.9, "9.5": 9.5, "10": 10 }],
  [partText, {
    "0 %": 0,
    "<0.1 %": 0.000_49,
    "0.1 %": 0.0005,
    "0.5 %": 0.005,
    "1 %": 0.01,
    "41 %": 0.412,
    "100 %": 1,
  }],
  [bytesText, { "0 MB": 0, "84 MB": 84e6, "999 MB": 999e6, "1.0 GB": 1e9 }],
];

text("a figure has the unit that is read at once", () => {
  for (const [textOf, wanted] of cases) {
    for (const [said, value] of Object.entries(wanted)) {
      assert.is(textOf(value), said);
    }
  }
});

text("what is not known is a dash", () => {
  for (const textOf of [shortTime, countText, partText, bytesText]) {
    assert.equal([textOf(null), textOf(undefined)], ["-", "-"]);
  }
});

text("table() has its cells below each other", () => {
  assert.is(table([["A", "B"], ["long", "x"]]), "A     B\nlong  x");
  assert.is(table([["", "B"], [], ["", "x"]]), "  B\n\n  x");
  assert.is(table([]), "");
});

text.run();
