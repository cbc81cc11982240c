import { appFrames, stackOf, textOf } from "../../src/base/stack.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const stacks = suite("stacks");

const own = new URL("../../src/gateway/call/gateway.ts", import.meta.url);
const OWN = `    at handle (${own.pathname}:3:1)`;
const APP = "    at render (/srv/app.ts:41:3)";

function erring(...frames: string[]): Error {
  const error = new Error("no");
  error.stack = ["Error: no", ...frames].join("\n");
  return error;
}

stacks("appFrames() has those of the app alone", () => {
  const { stack = "" } = erring(
    ...[APP, OWN, "    at a (node:internal/x:1:1)", "    at bun:main:1:1"],
  );
  assert.equal(appFrames(stack), [APP]);
});

stacks("stackOf() shows corn's frames where there are no others", () => {
  assert.is(stackOf(erring(APP, OWN)), `Error: no\n${APP}`);
  assert.is(stackOf(erring(OWN)), `Error: no\n${OWN}`);
});

stacks("stackOf() names an error whose stack does not", () => {
  const bare = new TypeError("no");
  // As JavaScriptCore writes it.
  bare.stack = "render@/srv/app.ts:41:3";
  assert.is(stackOf(bare), "TypeError: no\nrender@/srv/app.ts:41:3");
  delete bare.stack;
  bare.stack = "";
  assert.is(stackOf(bare), "TypeError: no");
});

stacks("stackOf() shows where a build failed", () => {
  const position = {
    ...{ file: "/srv/app.ts", line: 3, column: 7, lineText: "const = 1;" },
  };
  assert.is(
    stackOf({ message: "Unexpected =", position }),
    "/srv/app.ts:3:7: Unexpected =\n  const = 1;",
  );
  const without = Object.assign(erring(APP), { position: null });
  assert.is(stackOf(without), `Error: no\n${APP}`);
});

stacks("stackOf() tells eight causes, and those of an aggregate", () => {
  let error = new Error("number 0");
  for (let level = 1; level < 12; level++) {
    error = new Error(`number ${level}`, { cause: error });
  }
  const told = stackOf(error).match(/number \d+/g) ?? [];
  assert.equal([...new Set(told)].slice(0, 10), [
    ...[11, 10, 9, 8, 7, 6, 5, 4, 3].map((level) => `number ${level}`),
  ]);
  const inner = new AggregateError([erring(APP)], "both");
  assert.match(stackOf(new Error("x", { cause: inner })), APP);
});

stacks("textOf() has a text for anything", () => {
  const things = ["a", null, Symbol("b"), Object.create(null)];
  assert.equal(things.map(textOf), [
    ...["a", "null", "Symbol(b)", "something that has no text"],
  ]);
  const trap = new Proxy(new Error("no"), {
    get() {
      throw new Error("looked at");
    },
  });
  assert.is(stackOf(trap), "something that has no text");
});

stacks.run();
