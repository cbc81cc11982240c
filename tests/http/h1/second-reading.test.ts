// runtimes: node24, node26
import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { seed } from "./read.ts";
import { readTwice } from "./second-reading.ts";

const reading = suite("Parser, beside Node's");

reading("what both accept they read alike", async () => {
  const tally = await readTwice(20_000, seed);
  console.log(`\n# seed ${seed}: ${JSON.stringify(tally)}`);
  assert.ok((tally.alike ?? 0) > 1000);
});

reading.run();
