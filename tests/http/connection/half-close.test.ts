import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { HalfClose } from "../../../src/http/connection/half-close.ts";
import type { Output } from "../../../src/http/output/output.ts";

const halfClose = suite("HalfClose");

/** A client that has sent its end at 5000, before which there were writes. */
function begin() {
  const output = { writes: 3, busy: false };
  return { output, one: new HalfClose(output as unknown as Output, 5000) };
}

halfClose("one to whom nothing flows for a second is quiet", () => {
  const { one } = begin();
  assert.is(one.isQuiet(5999), false);
  assert.is(one.isQuiet(6000), true);
  assert.is(one.isQuiet(7000), true);
});

halfClose("what is written, or on its way, flows", () => {
  const { one, output } = begin();
  output.writes++;
  assert.is(one.isQuiet(6500), false);
  assert.is(one.isQuiet(7499), false);
  output.busy = true;
  assert.is(one.isQuiet(8500), false);
  output.busy = false;
  assert.is(one.isQuiet(9499), false);
  assert.is(one.isQuiet(9500), true);
});

halfClose("the next request has a second of its own", () => {
  const { one, output } = begin();
  output.writes++;
  one.restart(5900);
  assert.is(one.isQuiet(6899), false);
  assert.is(one.isQuiet(6900), true, "what was written before is known");
});

halfClose.run();
