/**
 * Makes one-line faults by chance, each in a copy of the project, and says
 * which of them no test finds.
 *
 *     node scripts/mutants.ts [--count 20] [--seed N] [--files src/arbiter] [--jobs N] [--covers FILE] [--whole 8]
 *
 * Each test file but those of the package is run once to see which lines it
 * executes; with `--covers` that is kept in a file, where a further run goes on
 * with the tests that are new or have changed.
 * Tried are the tests that execute the line: those of the mirrored room, other
 * units, those of tests/contract, then of tests/e2e and tests/attack the
 * `--whole` that execute most of the file, with 0 none; all on Node, `--jobs` at
 * a time and none after a find. A mutant counts as found by a test file that
 * fails with it, passes without it and fails with it again: a busy machine
 * fails tests too. `--files` are parts of paths, with commas between them.
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { coverAll, hashOf, passesAlone } from "./covers.ts";
import type { Covered } from "./covers.ts";
import { CONTRACT, likelyTests, WHOLE } from "./likely-tests.ts";
import { mutate, mutationsOf } from "./mutation.ts";
import { loadersOf } from "./source.ts";
import type { Mutation } from "./mutation.ts";
import { killAll, root } from "./tools.ts";
import { randomFrom } from "../tests/support/random.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    files: { type: "string", default: "src/" },
    jobs: { type: "string", default: String(availableParallelism()) },
    covers: { type: "string" },
    whole: { type: "string", default: "8" },
  },
});
/** The faults of each line of code that can have one. */
let pool: { file: string; some: Mutation[] }[] | undefined;

/** A fault may be a loop without an end. */
const UNIT_DEADLINE_MS = 30_000;
const CONTRACT_DEADLINE_MS = 90_000;
const WHOLE_DEADLINE_MS = 600_000;

/** Not tried: what judges the project as a whole. */
const NOT_TRIED = /^tests\/(?:package|frameworks|scripts)\//;

const copy = mkdtempSync(join(tmpdir(), "corn-mutants-"));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    killAll();
    rmSync(copy, { recursive: true, force: true });
    process.exit(1);
  });
}

const tracked = execFileSync("git", ["ls-files"], { cwd: root })
  .toString().trim().split("\n").filter((file) => existsSync(join(root, file)));
const parts = values.files.split(",");
const code = tracked.filter((file) => /^(?:src|adapters)\/.*\.ts$/.test(file));
const sources = code.filter((file) =>
  parts.some((part) => file.includes(part))
);
const whole = Number(values.whole);
const tests = tracked.filter((file) =>
  file.endsWith(".test.ts") && !NOT_TRIED.test(file) && runsOnNode(file) &&
  (whole > 0 || !WHOLE.test(file))
);

try {
  for (const file of tracked) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  process.exitCode = await hunt() ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** True where every mutant was found. */
async function hunt(): Promise<boolean> {
  const count = Number(values.count);
  const random = randomFrom(Number(values.seed));
  console.log(
    `${count} mutants of ${sources.length} files, seed ${values.seed}`,
  );
  const covered = await coveredTests();
  let found = 0;
  for (let made = 0; made < count; made++) {
    const { file, mutation } = pick(random);
    const by = await findBy(covered, file, mutation);
    if (by !== undefined) found++;
    console.log(
      `${
        by === undefined ? "SURVIVED" : `found by ${by}`
      } ${file}:${mutation.line}\n` +
        `  - ${mutation.was.trim()}\n  + ${mutation.becomes.trim()}`,
    );
  }
  console.log(`\n${found} of ${count} found, seed ${values.seed}`);
  return found === count;
}

/** False where the first line names other runtimes alone, see scripts/test.ts. */
function runsOnNode(file: string): boolean {
  const [first = ""] = readFileSync(join(root, file), "utf8").split("\n", 1);
  return !first.startsWith("// runtimes:") || /\bnode24\b/.test(first);
}

/** Which test executes what, as it was seen before or is now. */
async function coveredTests(): Promise<Covered[]> {
  const { covers } = values;
  const known = covers !== undefined && existsSync(covers)
    ? readFileSync(covers, "utf8").split("\n").filter((line) => line !== "")
      .map((line): Covered => JSON.parse(line))
    : [];
  const covered = await coverAll(copy, {
    tests,
    sources: code,
    jobs: Number(values.jobs),
    known,
    onCovered(one) {
      if (covers !== undefined) {
        appendFileSync(covers, `${JSON.stringify(one)}\n`);
      }
    },
  });
  const failed = covered.filter(({ passed }) => !passed);
  if (failed.length > 0) {
    const names = failed.map(({ test }) => test).join(", ");
    console.log(`Not used, as it fails without a fault: ${names}`);
  }
  return covered;
}

/** One by chance; each line of code is as likely as any other. */
function pick(random: () => number): { file: string; mutation: Mutation } {
  pool ??= sources.flatMap((file) =>
    Object.values(Object.groupBy(
      mutationsOf(readFileSync(join(copy, file), "utf8")),
      ({ line }) => line,
    )).map((some) => ({ file, some: some as Mutation[] }))
  );
  const { file, some } = any(pool, random);
  return { file, mutation: any(some, random) };
}

function any<T>(list: readonly T[], random: () => number): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new RangeError("No code in these files");
  return one;
}

/** The test file that finds the mutant; undefined where none does. */
async function findBy(
  covered: readonly Covered[],
  file: string,
  mutation: Mutation,
): Promise<string | undefined> {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  const mutant = mutate(text, mutation);
  const loads = loadersOf(
    tracked.filter((one) => one.endsWith(".ts")).map((one) => ({
      path: one,
      text: readFileSync(join(copy, one), "utf8"),
    })),
    file,
  );
  const queue = likelyTests(
    covered,
    { file, line: mutation.line, hash: hashOf(text) },
    {
      newer: { loads: (test) => loads.has(test), tests },
      whole,
    },
  );
  try {
    while (queue.length > 0) {
      const some = queue.splice(0, Number(values.jobs));
      writeFileSync(path, mutant);
      for (const test of await failuresOf(some)) {
        writeFileSync(path, text);
        if ((await failuresOf([test])).length > 0) continue;
        writeFileSync(path, mutant);
        if ((await failuresOf([test])).length > 0) return test;
      }
    }
    return undefined;
  } finally {
    writeFileSync(path, text);
  }
}

/** Of these test files those that fail, all of which run at once. */
async function failuresOf(some: readonly string[]): Promise<string[]> {
  const passed = await Promise.all(
    some.map((test) =>
      passesAlone(copy, test, { deadlineMs: deadlineOf(test) })
    ),
  );
  return some.filter((_, at) => !passed[at]);
}

function deadlineOf(test: string): number {
  if (WHOLE.test(test)) return WHOLE_DEADLINE_MS;
  return CONTRACT.test(test) ? CONTRACT_DEADLINE_MS : UNIT_DEADLINE_MS;
}
