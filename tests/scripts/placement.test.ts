import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chosenFrom, possibleOn } from "../../scripts/placement.ts";
import { runtimes as all } from "../../scripts/runtimes.ts";
import { root } from "../../scripts/tools.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const placement = suite("placement");
const runtimes = all.map(({ name }) => name);

function possible(file: string, text = "", asked = false): string[] {
  return possibleOn({ file, text, runtimes, asked });
}

placement("possibleOn() takes the runtimes of the first line", () => {
  const text = "// runtimes: node24, bun\nimport 'x';\n";
  assert.equal(possible("tests/e2e/a.test.ts", text), ["node24", "bun"]);
});

placement("possibleOn() refuses a runtime that is none", () => {
  for (
    const line of ["// runtimes: node", "// runtimes:", "// runtimes: bun,"]
  ) {
    assert.throws(
      () => possible("tests/e2e/a.test.ts", `${line}\n`),
      /Cannot test tests\/e2e\/a\.test\.ts on "\w*": its first line may name node24, node26, bun, deno/,
    );
  }
});

placement(
  "possibleOn() keeps Node 26 from end-to-end suites, unless it is asked for",
  () => {
    const file = "tests/attack/a.test.ts";
    assert.equal(possible(file), ["node24", "bun", "deno"]);
    assert.equal(possible(file, "", true), runtimes);
    assert.equal(possible("tests/contract/a.test.ts"), runtimes);
  },
);

placement(
  "chosenFrom() gives every file of these tests somewhere to run",
  () => {
    const files = globSync("tests/**/*.test.ts", { cwd: root });
    assert.ok(files.length > 100);
    const taken = new Set<string>();
    for (const file of files) {
      const text = readFileSync(join(root, file), "utf8");
      const chosen = chosenFrom(possible(file, text), file);
      assert.ok(chosen.length > 0, file);
      for (const name of chosen) taken.add(name);
    }
    assert.equal([...taken].sort(), [...runtimes].sort());
  },
);

placement(
  "chosenFrom() takes one runtime for an end-to-end suite, by its name",
  () => {
    const suites = ["a", "b", "c"].map((name) => `tests/e2e/${name}.test.ts`);
    const chosen = suites.map((file) => chosenFrom(possible(file), file));
    assert.equal(chosen.map(({ length }) => length), [1, 1, 1]);
    assert.is(new Set(chosen.flat()).size, 3);
    const file = "tests/e2e/bind.test.ts";
    assert.equal(chosenFrom(possible(file), file), ["node24", "bun", "deno"]);
  },
);

placement(
  "chosenFrom() takes one runtime for decisions without a runtime in them, in turn",
  () => {
    const files = globSync("tests/arbiter/pool/**/*.test.ts", { cwd: root });
    const chosen = files.map((file) => chosenFrom(possible(file), file));
    assert.equal([...new Set(chosen.map(({ length }) => length))], [1]);
    assert.equal([...new Set(chosen.flat())].sort(), [...runtimes].sort());
    // Addresses are read by a runtime's own URL.
    const file = "tests/arbiter/sockets/inherited.test.ts";
    assert.ok(chosenFrom(possible(file), file).length > 2);
  },
);

placement("chosenFrom() keeps what is close to Node on both", () => {
  const file = "tests/contract/spawn.test.ts";
  assert.equal(chosenFrom(possible(file), file), runtimes);
});

placement.run();
