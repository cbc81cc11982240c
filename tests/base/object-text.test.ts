import { runInNewContext } from "node:vm";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { stackOf } from "../../src/base/stack.ts";

const text = suite("object-text");

class Failure {
  code = "E1";
}

const cases: readonly [string, unknown, string][] = [
  [
    "its members",
    { code: "E1", status: 404, big: 1n, none: null, not: undefined },
    '{ code: "E1", status: 404, big: 1n, none: null, not: undefined }',
  ],
  ["the name of its class", new Failure(), 'Failure { code: "E1" }'],
  ["that it is empty", {}, "{}"],
  ["what is in it", { a: { b: [1, { c: {} }] } }, "{ a: { b: [1, { … }] } }"],
  [
    "an error in it by its message alone",
    { inner: new RangeError("far") },
    '{ inner: "RangeError: far" }',
  ],
  [
    "functions and bytes by what they are",
    { run() {}, bytes: new Uint8Array(5) },
    "{ run: a function, bytes: Uint8Array(5) }",
  ],
  [
    "names that are no words in quotes",
    { "a\nb": 1, "it's": 2 },
    '{ "a\\nb": 1, "it\'s": 2 }',
  ],
  ["a text that it has", { toString: () => "own" }, "own"],
  ["a list of texts as it is", ["a", "b"], "a,b"],
  ["no prototype", Object.create(null, {}), "{}"],
];
for (const [what, thrown, expected] of cases) {
  text(`stackOf() tells of an object: ${what}`, () => {
    assert.is(stackOf(thrown), expected);
  });
}

text("stackOf() tells of a cause that is no error", () => {
  const cause = { code: "NonCoprime", values: [3, 5] };
  assert.match(
    stackOf(new Error("x", { cause })),
    /\nCaused by: \{ code: "NonCoprime", values: \[3, 5\] \}$/,
  );
});

text("stackOf() tells of an object with bounds", () => {
  const circle: Record<string, unknown> = { text: "t".repeat(1e6) };
  circle.self = circle;
  circle.list = Array.from({ length: 1e5 }, () => circle);
  for (let index = 0; index < 1e4; index++) circle[`m${index}`] = circle;
  const told = stackOf(circle);
  assert.ok(told.length < 10_000, `${told.length}`);
  assert.match(told, /^\{ text: "t+…", self: \{/);
  const trap = {
    get secret() {
      throw new Error("trap");
    },
  };
  assert.is(stackOf(trap), "[object Object]");
});

text("stackOf() has the stack of an error of another realm", () => {
  const error = runInNewContext("new TypeError('far')") as unknown;
  assert.not(error instanceof Error);
  assert.match(stackOf(error), /^TypeError: far\n\s+at /);
});

text.run();
