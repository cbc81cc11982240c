/** What RFC 9110 and RFC 9112 demand, over a real socket. */
import process from "node:process";
import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { prove, requirements, Witness } from "../support/engine/conformance.ts";

process.env.TEST_HTTP ??= "wire";
const { http, runtime, serveEngine } = await import(
  "../support/engine/engine.ts"
);

const conformance = suite(`Conformance of the ${http} engine`);
const witness = new Witness();

conformance(`all that must be, on ${runtime.name}`, async () => {
  await using served = await serveEngine({
    source: "address",
    fetch: (request) => witness.note(request),
  });
  const wrong: string[] = [];
  for (const one of requirements) {
    const problem = await prove(served.target, one, witness);
    if (problem === undefined) continue;
    wrong.push(`${one.section}, ${one.rule}: ${one.what}: ${problem}`);
  }
  console.log(
    `\n# ${requirements.length - wrong.length} of ${requirements.length}`,
  );
  assert.equal(wrong, []);
});

conformance.run();
