import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../scripts/tools.ts";
import { readTotals } from "../../scripts/totals.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const several = suite("scripts/several.ts");

/** Runs test files with these suites' ends in one process. */
function run(...ends: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "corn-several-"));
  const support = join(root, "tests", "support");
  try {
    const files = ends.map((end, index) => {
      const file = join(folder, `${index}.test.ts`);
      writeFileSync(
        file,
        `import * as assert from ${JSON.stringify(`${support}/assert.ts`)};
         import { suite } from ${JSON.stringify(`${support}/suite.ts`)};
         const one = suite("suite ${index}");
         ${end}
        `,
      );
      return file;
    });
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(root, "scripts", "several.ts"), ...files],
      { encoding: "utf8" },
    );
    const code = status ?? undefined;
    const output = stdout + stderr;
    const totals = readTotals({
      output,
      code,
      signal: undefined,
      late: false,
      leftovers: false,
    });
    return { ...totals, output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const PASSES = `one("a", () => assert.ok(1)); one.run();`;
const FAILS = `one("b", () => assert.ok(0)); one.run();`;

several("the tests of all files are counted", () => {
  const { passed, failed } = run(PASSES, PASSES, PASSES);
  assert.equal([passed, failed], [3, 0]);
});

several("one that fails is named, and the others run", () => {
  const { passed, failed, output } = run(FAILS, PASSES);
  assert.equal([passed, failed], [1, 1]);
  assert.match(output, /0\.test\.ts/);
  assert.match(output, /suite 0/);
});

several("a file whose suite does not run is named", () => {
  const { problem, output } = run(PASSES, `one("c", () => assert.ok(1));`);
  assert.is(problem, "exit code 1");
  assert.match(output, /1\.test\.ts has no suite that runs/);
});

several.run();
