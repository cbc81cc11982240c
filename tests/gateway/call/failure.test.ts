import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { stackOf } from "../../../src/base/stack.ts";
import { failureText } from "../../../src/gateway/call/failure.ts";

const failure = suite("failure");

failure("stackOf() has name, message and where it was thrown", () => {
  const lines = stackOf(new TypeError("no")).split("\n");
  assert.is(lines[0], "TypeError: no");
  assert.match(lines.slice(1).join("\n"), "failure.test.ts");
});

failure("stackOf() leaves out the runtime's own frames", () => {
  const error = new Error("no");
  error.stack =
    "Error: no\n    at app (/srv/app.ts:1:1)\n    at node:internal/x:1:2\n    at ext:core/01.js:1:1";
  assert.is(stackOf(error), "Error: no\n    at app (/srv/app.ts:1:1)");
});

failure("stackOf() tells what caused an error, and that in turn", () => {
  const inner = new RangeError("inner");
  const error = new Error("outer", {
    cause: new Error("middle", { cause: inner }),
  });
  const text = stackOf(error);
  assert.match(text, "Error: outer");
  assert.match(text, "Caused by: Error: middle");
  assert.match(text, "Caused by: RangeError: inner");
});

failure("stackOf() ends where a cause goes round", () => {
  const first = new Error("first");
  const second = new Error("second", { cause: first });
  first.cause = second;
  assert.ok(stackOf(first).length < 10_000);
});

failure("stackOf() tells every error of an aggregate", () => {
  const text = stackOf(
    new AggregateError([new Error("one"), new Error("two")], "both"),
  );
  assert.match(text, "both");
  assert.match(text, "Error: one");
  assert.match(text, "Error: two");
});

const thrown: readonly [unknown, string][] = [
  ["no", "no"],
  [undefined, "undefined"],
  [null, "null"],
  [7, "7"],
  [Symbol("s"), "Symbol(s)"],
  [Object.assign(() => {}, { toString: null }), "something that has no text"],
];
for (const [value, text] of thrown) {
  failure(`stackOf() writes ${text}`, () => {
    assert.is(stackOf(value), text);
  });
}

failure("failureText() tells clients nothing unless dev allows it", () => {
  const error = new Error("secret");
  assert.is(failureText(error, false), "Internal Server Error\n");
  assert.match(failureText(error, true), "Error: secret");
});

failure.run();
