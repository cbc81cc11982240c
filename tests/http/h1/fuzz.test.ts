import { suite } from "../../support/suite.ts";
import * as assert from "../../support/assert.ts";
import { fuzz } from "./fuzz.ts";
import { seed } from "./read.ts";

const fuzzing = suite("Parser, fuzzed");

fuzzing("mutated requests are read alike however they are cut", () => {
  const tally = fuzz(20_000, seed);
  console.log(`\n# seed ${seed}: ${JSON.stringify(tally)}`);
  for (const outcome of ["read", "underway", "400", "417", "431", "501"]) {
    assert.ok((tally[outcome] ?? 0) > 0, `${outcome} was reached`);
  }
});

fuzzing.run();
