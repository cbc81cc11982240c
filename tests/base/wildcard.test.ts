import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { readWildcard } from "../../src/base/wildcard.ts";

const wildcard = suite("wildcard");

/** Patterns, what they match, and what they do not. */
const cases: readonly [string, readonly string[], readonly string[]][] = [
  ["", [""], ["a"]],
  ["abc", ["abc"], ["", "ab", "abcd", "xabc"]],
  ["a?c", ["abc", "a*c"], ["ac", "abbc"]],
  ["*", ["", "anything\nat all"], []],
  ["?*", ["a", "ab"], [""]],
  ["a*", ["a", "abc"], ["", "ba"]],
  ["*a", ["a", "cba"], ["", "ab"]],
  ["a*a", ["aa", "aba"], ["a", "ab"]],
  ["*a*b*", ["ab", "xaxbx", "aab"], ["ba", "a", "b"]],
  ["ab*bc", ["abbc", "abxbc"], ["abc"]],
  ["*ab*ab", ["abab", "ababab"], ["ab", "aba"]],
  ["*a?c*c", ["abcc", "xaacaccxc"], ["abc", "ac"]],
  ["*?", ["a"], [""]],
  ["a.(b)", ["a.(b)"], ["ab", "axb"]],
];

wildcard("readWildcard() matches whole texts", () => {
  for (const [pattern, matched, others] of cases) {
    const fits = readWildcard(pattern);
    for (const text of matched) assert.ok(fits(text), `${pattern} ${text}`);
    for (const text of others) assert.not.ok(fits(text), `${pattern} ${text}`);
  }
});

wildcard("readWildcard() agrees with an expression on every short text", () => {
  const texts = [""];
  for (let at = 0; at < texts.length && texts[at]!.length < 6; at++) {
    for (const character of "ab") texts.push(texts[at] + character);
  }
  for (const pattern of ["a*b?a*", "*ab*", "?*?", "*a*a*a", "a*?b", "**b"]) {
    const fits = readWildcard(pattern);
    const shape = pattern.replaceAll("*", ".*").replaceAll("?", ".");
    const whole = new RegExp(`^${shape}$`);
    for (const text of texts) {
      assert.is(fits(text), whole.test(text), `${pattern} ${text}`);
    }
  }
});

wildcard.run();
