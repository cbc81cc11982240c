import { quote, Refusal } from "../../src/base/refusal.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const refusal = suite("Refusal");

refusal("quote() writes a value as a message has it", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const values: readonly (readonly [unknown, string])[] = [
    ["8", "8"],
    ["-1.5", "-1.5"],
    ["1.", '"1."'],
    ["a\nb", '"a\\nb"'],
    [7, "7"],
    [true, "true"],
    [undefined, "undefined"],
    [null, "null"],
    [["a", 1], '["a",1]'],
    [() => 1, "of type function"],
    [circle, "[object Object]"],
    [5n, "5"],
    ["x".repeat(98), `"${"x".repeat(98)}"`],
    ["x".repeat(99), `"${"x".repeat(99)}…`],
  ];
  for (const [value, text] of values) assert.is(quote(value), text);
});

refusal("names the part that is wrong, where it is not all", () => {
  assert.is(new Refusal("no").part, undefined);
  const { name, message, part } = new Refusal("no", "b");
  assert.equal([name, message, part], ["Refusal", "no", "b"]);
});

refusal.run();
