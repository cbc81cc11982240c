import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { shorten } from "../../src/base/shorten.ts";

const shortening = suite("shortening");

shortening("shorten() leaves what fits", () => {
  assert.is(shorten("abc", 3), "abc");
  assert.is(shorten("", 3), "");
});

shortening("shorten() says that there is more", () => {
  assert.is(shorten("abcd", 3), "abc…");
});

shortening("shorten() cuts no character in two", () => {
  assert.is(shorten("ab😀d", 3), "ab…");
  assert.is(shorten("ab😀d", 4), "ab😀…");
});

shortening.run();
