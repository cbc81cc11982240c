import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../scripts/tools.ts";
import { readTotals } from "../../scripts/totals.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const suites = suite("suite");

/** Runs a test file and gives its totals and what it printed. */
function run(body: string) {
  const folder = mkdtempSync(join(tmpdir(), "corn-suite-"));
  try {
    const path = join(folder, "one.test.ts");
    const support = join(root, "tests", "support");
    writeFileSync(
      path,
      `import * as assert from ${JSON.stringify(`${support}/assert.ts`)};
       import { skip, suite } from ${JSON.stringify(`${support}/suite.ts`)};
       import { until } from ${JSON.stringify(`${support}/wait.ts`)};
       const one = suite("one");
       one("does something", async () => { ${body} });
       one.run();
      `,
    );
    const { stdout, status } = spawnSync(process.execPath, [path], {
      encoding: "utf8",
    });
    const output = stdout;
    const code = status ?? undefined;
    return {
      output,
      code,
      ...readTotals({
        output,
        code,
        signal: undefined,
        late: false,
        leftovers: false,
      }),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

suites("a test that asserts nothing fails", () => {
  const { failed, output } = run(`if (assert.ok) return;`);
  assert.is(failed, 1);
  assert.match(output, /"does something" asserts nothing/);
});

suites("throws() of a class passes for an error of that class", () => {
  const thrown = (error: string, expected: string) =>
    run(`assert.throws(() => { throw new ${error}("a b"); }, ${expected});`);
  for (const expected of ["TypeError", "Error", "/a b/", "() => true", `"m"`]) {
    assert.is(thrown("TypeError", expected).passed, 1, expected);
  }
  for (const expected of ["RangeError", "/b a/", "() => false"]) {
    assert.is(thrown("TypeError", expected).failed, 1, expected);
  }
});

suites("an assertion, and a wait that is not in vain, pass", () => {
  assert.is(run(`assert.is.not(1, 2);`).passed, 1);
  assert.is(run(`assert.not.equal([1], [2]);`).passed, 1);
  assert.is(run(`await until("it", () => true);`).passed, 1);
});

suites("an assertion that does not hold fails", () => {
  assert.is(run(`assert.is(1, 2);`).failed, 1);
  assert.is(run(`assert.not.ok(1);`).failed, 1);
});

suites("a test that throws what is no error fails by its name", () => {
  for (const thrown of ["null", "undefined", `"no"`]) {
    const { failed, code, output } = run(`throw ${thrown};`);
    assert.equal([failed, code], [1, 1], thrown);
    assert.match(output, /FAIL .*"does something"/);
  }
});

suites("a test may say why it cannot show its promise", () => {
  const { passed, failed, skips } = run(`return skip("no fork here");`);
  assert.equal({ passed, failed, skips }, {
    passed: 0,
    failed: 0,
    skips: ["does something: no fork here"],
  });
});

suites.run();
