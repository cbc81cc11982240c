import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  asRanges,
  countLines,
  coverAll,
  executedLines,
  hashOf,
  holdsLine,
} from "../../scripts/covers.ts";
import type { Covered } from "../../scripts/covers.ts";
import { likelyTests } from "../../scripts/likely-tests.ts";
import * as assert from "../support/assert.ts";
import { suite } from "../support/suite.ts";

const covers = suite("covers");

covers("executedLines() goes by what is innermost", () => {
  const text = "const a = 1;\nif (a) {\n  b();\n} else {\n  c();\n}\n\nd();\n";
  const range = (from: string, to: string, count: number) => ({
    startOffset: text.indexOf(from),
    endOffset: text.indexOf(to) + to.length,
    count,
  });
  const ranges = [range("const", "d();", 1), range(" else {", "c();\n}", 0)];
  assert.equal(executedLines(text, [{ ranges }]), [1, 2, 3, 4, 8]);
  const never = [{ ranges: [range("const", "d();", 0)] }];
  assert.equal(executedLines(text, never), []);
});

covers("lines are kept as pairs of first and last", () => {
  const ranges = asRanges([1, 2, 3, 7, 9, 10]);
  assert.equal(ranges, [1, 3, 7, 7, 9, 10]);
  assert.is(countLines(ranges), 6);
  const held = Array.from({ length: 12 }, (_, line) => line)
    .filter((line) => holdsLine(ranges, line));
  assert.equal(held, [1, 2, 3, 7, 9, 10]);
  assert.is(countLines(asRanges([])), 0);
});

covers(
  "coverAll() takes no test for broken that minds to be watched",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "corn-test-"));
    try {
      const passing =
        'console.log("  Total:     1\\n  Passed:    1\\n  Skipped:   0");\n';
      const minds = "if (process.env.NODE_V8_COVERAGE) process.exit(1);\n";
      const texts = {
        "calm.test.mjs": passing,
        "minds.test.mjs": minds + passing,
        "broken.test.mjs": "process.exit(1);\n",
      };
      for (const [test, text] of Object.entries(texts)) {
        writeFileSync(join(folder, test), text);
      }
      const covered = await coverAll(folder, {
        ...{ tests: Object.keys(texts), sources: [], jobs: 1, known: [] },
        onCovered() {},
      });
      assert.equal(covered.map(({ passed }) => passed), [true, true, false]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

covers("coverAll() runs tests again that have changed since", async () => {
  const folder = mkdtempSync(join(tmpdir(), "corn-test-"));
  try {
    const text = 'console.log("done");\n';
    const tests = ["same.test.mjs", "changed.test.mjs", "new.test.mjs"];
    for (const test of tests) writeFileSync(join(folder, test), text);
    const known = [
      ["same.test.mjs", hashOf(text)],
      ["changed.test.mjs", hashOf("before")],
      ["removed.test.mjs", hashOf(text)],
    ].map(([test = "", hash = ""]): Covered => ({
      ...{ test, hash, seconds: 1, passed: true, files: {} },
    }));
    const run: string[] = [];
    const covered = await coverAll(folder, {
      ...{ tests, sources: [], jobs: 1, known },
      onCovered: ({ test, hash }) => {
        assert.is(hash, hashOf(text));
        run.push(test);
      },
    });
    assert.equal(run, ["changed.test.mjs", "new.test.mjs"]);
    assert.equal(covered.map(({ test }) => test), tests);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const file = "src/arbiter/pool/pool.ts";
const seen: readonly Covered[] = [
  ["tests/e2e/stop.test.ts", [1, 30]],
  ["tests/e2e/reload.test.ts", [1, 40]],
  ["tests/contract/spawn.test.ts", [5, 5]],
  ["tests/plan/plan.test.ts", [1, 9]],
  ["tests/gateway/call.test.ts", [1, 10]],
  ["tests/arbiter/pool/pool.test.ts", [1, 6]],
  ["tests/arbiter/pool/other.test.ts", [7, 9]],
  ["tests/arbiter/pool/broken.test.ts", [1, 9]],
].map(([test, lines]) => ({
  test: test as string,
  hash: "",
  seconds: 1,
  passed: test !== "tests/arbiter/pool/broken.test.ts",
  files: { [file]: { hash: "now", lines: lines as number[] } },
}));
const newer = {
  loads: (test: string) => test !== "tests/base/new.test.ts",
  tests: [
    ...seen.map(({ test }) => test),
    "tests/arbiter/pool/new.test.ts",
    "tests/base/new.test.ts",
  ],
};

covers("likelyTests() begins with what is nearest to the file", () => {
  const place = { file, line: 5, hash: "now" };
  assert.equal(likelyTests(seen, place, { newer, whole: 1 }), [
    "tests/arbiter/pool/pool.test.ts",
    "tests/arbiter/pool/new.test.ts",
    "tests/gateway/call.test.ts",
    "tests/plan/plan.test.ts",
    "tests/contract/spawn.test.ts",
    "tests/e2e/reload.test.ts",
  ]);
});

covers("likelyTests() goes by the file where its text has changed", () => {
  const place = { file, line: 99, hash: "later" };
  const tests = likelyTests(seen, place, { newer, whole: 2 });
  assert.is(tests[1], "tests/arbiter/pool/other.test.ts");
  assert.is(tests.includes("tests/arbiter/pool/broken.test.ts"), false);
  assert.equal(tests.slice(-2), [
    "tests/e2e/reload.test.ts",
    "tests/e2e/stop.test.ts",
  ]);
});

covers("likelyTests() goes by what is loaded where a file was moved", () => {
  const place = { file: "src/arbiter/moved.ts", line: 1, hash: "now" };
  const loads = (test: string) => test.includes("pool/");
  assert.equal(
    likelyTests(seen, place, { newer: { ...newer, loads }, whole: 0 }),
    [
      "tests/arbiter/pool/new.test.ts",
      "tests/arbiter/pool/other.test.ts",
      "tests/arbiter/pool/pool.test.ts",
    ],
  );
});

covers.run();
