import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { countOf } from "../../src/base/count.ts";

const count = suite("count");

count("countOf() writes one thing without an s", () => {
  assert.is(countOf(1, "worker"), "1 worker");
  assert.is(countOf(0, "worker"), "0 workers");
  assert.is(countOf(2, "open request"), "2 open requests");
});

count.run();
