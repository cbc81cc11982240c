import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { createLines, MAX_LINE } from "../../../src/log/error/lines.ts";
import { anySeed, randomFrom } from "../../support/random.ts";

const lines = suite("createLines");

lines("push() gives lines once they have ended", () => {
  const { push } = createLines();
  assert.equal(push("on"), []);
  assert.equal(push("e\ntwo\r\n\n  th"), ["one", "two"]);
  assert.equal(push("ree\n"), ["  three"]);
});

lines("flush() gives the last one, and push() holds back none after it", () => {
  const { push, flush } = createLines();
  push("one");
  assert.equal(flush(), ["one"]);
  assert.equal(flush(), []);
  assert.equal(push("two"), ["two"]);
});

lines("push() cuts a line that does not end", () => {
  const { push, flush } = createLines();
  assert.equal(push("x".repeat(MAX_LINE - 1)), []);
  assert.equal(push("yz"), ["x".repeat(MAX_LINE - 1) + "y"]);
  assert.equal(flush(), ["z"]);
});

lines("push() gives the same lines however the text is cut", () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  for (let count = 0; count < 500; count++) {
    const wanted = Array.from(
      { length: Math.floor(random() * 10) },
      () => "a".repeat(1 + Math.floor(random() * 9)),
    );
    const { push, flush } = createLines();
    const got: string[] = [];
    for (let text = wanted.join("\n"); text !== "";) {
      const length = 1 + Math.floor(random() * 12);
      got.push(...push(text.slice(0, length)));
      text = text.slice(length);
    }
    assert.equal([...got, ...flush()], wanted, `seed ${seed}`);
  }
});

lines.run();
