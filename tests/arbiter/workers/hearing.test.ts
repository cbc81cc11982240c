import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { Hearing } from "../../../src/arbiter/workers/hearing.ts";

const hearing = suite("Hearing");

const HELLO = { type: "hello", runtime: "node", version: "24.0.0" };
const READY = { type: "ready", engine: "wire", addresses: [] };
const RECYCLE = {
  type: "recycle",
  kind: "error",
  reason: "x",
  failure: true,
};
const LOG = { type: "log", level: "info", text: "x" };

/** The types that are heeded, and what is warned of. */
function heed(values: readonly unknown[]) {
  const warned: string[] = [];
  const ear = new Hearing((text) => warned.push(text));
  const heeded = values.map((value) => ear.take(value)?.type)
    .filter((type) => type !== undefined);
  return { heeded, warned, ignored: ear.ignored };
}

hearing("messages are heeded in their turn only", () => {
  assert.equal(heed([HELLO, LOG, READY, RECYCLE, LOG]), {
    heeded: ["hello", "log", "ready", "recycle", "log"],
    warned: [],
    ignored: 0,
  });
  assert.equal(heed([READY, HELLO, HELLO, RECYCLE, READY, READY]), {
    heeded: ["hello", "ready"],
    warned: [
      'sent a message of type "ready", which is out of turn and is not heeded',
    ],
    ignored: 4,
  });
});

hearing("what is not corn's is counted, and named once", () => {
  const { warned, ignored } = heed([
    { type: "é\u001b[2J" },
    undefined,
    { type: "x" },
  ]);
  assert.equal(warned, [
    'sent a message of type "\\u00e9\\u001b[2J", which is not corn\'s and is not heeded',
  ]);
  assert.is(ignored, 3);
});

hearing.run();
