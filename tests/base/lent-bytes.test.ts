import * as assert from "../support/assert.ts";
import { giveBack, isLent, lendBytes } from "../../src/base/lent-bytes.ts";
import { suite } from "../support/suite.ts";

const lent = suite("lent bytes");

lent("giveBack() tells the owner, and once", () => {
  const bytes = new Uint8Array(3);
  let back = 0;
  lendBytes(bytes, () => back++);
  assert.ok(isLent(bytes));
  giveBack(bytes);
  assert.not.ok(isLent(bytes));
  giveBack(bytes);
  assert.is(back, 1);
});

lent("giveBack() of what is nobody's does nothing", () => {
  const bytes = new Uint8Array(3);
  lendBytes(bytes, () => assert.unreachable("a part of them is not they"));
  giveBack(bytes.subarray(0, 3));
  assert.ok(isLent(bytes));
});

lent.run();
