import { suite } from "../support/suite.ts";
import * as assert from "../support/assert.ts";
import { readFailures, readTotals } from "../../scripts/totals.ts";

const totals = suite("totals");
const good = { code: 0, signal: undefined, late: false, leftovers: false };

function print(total: number, passed: number, skipped: number): string {
  return `• •   (${passed} / ${total})\n\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n  Duration:  1.27ms\n\n`;
}

totals("readTotals() sums every block of totals", () => {
  const output = print(2, 2, 0) + print(3, 3, 1);
  assert.equal(readTotals({ ...good, output }), {
    passed: 5,
    failed: 0,
    skipped: 1,
    skips: [],
  });
});

totals("readTotals() reads coloured output", () => {
  const output =
    "  Total:     1\n\x1b[32m  Passed:    1\x1b[39m\n  Skipped:   0\n";
  assert.is(readTotals({ ...good, output }).passed, 1);
});

totals(
  "readTotals() counts an announced skip as skipped, not as passed",
  () => {
    const output = " suite • # skip nginx is missing\n" + print(2, 2, 0);
    assert.equal(readTotals({ ...good, output }), {
      passed: 1,
      failed: 0,
      skipped: 1,
      skips: ["nginx is missing"],
    });
  },
);

totals("readTotals() counts failed tests", () => {
  const found = readTotals({ ...good, code: 1, output: print(5, 3, 0) });
  assert.is(found.passed, 3);
  assert.is(found.failed, 2);
});

totals("readTotals() fails a file that prints no totals", () => {
  assert.is(readTotals({ ...good, output: "hello\n" }).failed, 1);
});

totals("readTotals() fails a file without a test", () => {
  assert.is(
    readTotals({ ...good, output: print(0, 0, 0) }).problem,
    "ran no test",
  );
  assert.is(
    readTotals({ ...good, output: print(0, 0, 3) }).problem,
    "ran no test",
  );
});

totals("readTotals() fails a file that exits badly, late or not alone", () => {
  const output = print(1, 1, 0);
  assert.is(readTotals({ ...good, code: 3, output }).problem, "exit code 3");
  const signal = "SIGSEGV";
  assert.is(
    readTotals({ ...good, code: undefined, signal, output }).problem,
    "killed by SIGSEGV",
  );
  assert.is(
    readTotals({ ...good, late: true, code: undefined, output }).failed,
    1,
  );
  assert.is(
    readTotals({ ...good, leftovers: true, output }).problem,
    "left processes behind",
  );
});

totals("readFailures() names each failed test and why", () => {
  const output =
    '   \x1b[41m FAIL \x1b[49m  pool  "\x1b[1mgrows\x1b[22m"\n    Expected values to be strictly equal:\n\n   FAIL  pool  "shrinks"\n    late\n    at x.ts\n';
  assert.equal(readFailures(output), [
    'pool  "grows": Expected values to be strictly equal:',
    'pool  "shrinks": late',
  ]);
  assert.equal(readFailures("• • •   (3 / 3)\n"), []);
});

totals.run();
