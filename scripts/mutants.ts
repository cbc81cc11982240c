/**
 * Makes one-line faults by chance, each in a copy of the project, and says
 * which of them no test finds.
 *
 *     node scripts/mutants.ts [--count 20] [--seed N] [--files src/arbiter] [--jobs N]
 *
 * Tried are the tests that load the file: those of the mirrored room, then the
 * others of `--quick`, then those of tests/contract, all on Node, a few at a
 * time and none after a find. A mutant counts as found by a test file that
 * fails with it, passes without it and fails with it again: a busy machine
 * fails tests too. `--files` are parts of paths, with commas between them.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { mutate, mutationsOf } from "./mutation.ts";
import { loadersOf } from "./source.ts";
import type { Mutation } from "./mutation.ts";
import { cleanEnvironment, killAll, root, run } from "./tools.ts";
import { readFailedFiles } from "./totals.ts";
import { randomFrom } from "../tests/support/random.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    files: { type: "string", default: "src/" },
    jobs: { type: "string", default: String(availableParallelism()) },
  },
});
/** The faults of each line of code that can have one. */
let pool: { file: string; some: Mutation[] }[] | undefined;

/** Each test file has a deadline of its own, far below: this one is for scripts/test.ts. */
const DEADLINE_MS = 3_600_000;

/** Tried last, as they take long. */
const THOROUGH = /^tests\/contract\//;

/** Not tried: whole processes, and what judges the project as a whole. */
const TOO_SLOW = /^tests\/(?:e2e|attack|package|frameworks)\//;

/** Test files of one run. */
const AT_ONCE = 8;

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
const sources = tracked.filter((file) =>
  /^(?:src|adapters)\/.*\.ts$/.test(file) &&
  parts.some((part) => file.includes(part))
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
  const failed = await failuresOf(["--quick"]);
  if (failed.length > 0) {
    throw new Error(
      `Cannot look for mutants: without one fail ${failed.join(", ")}`,
    );
  }
  let found = 0;
  for (let made = 0; made < count; made++) {
    const { file, mutation } = pick(random);
    const by = await findBy(file, mutation);
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
  file: string,
  mutation: Mutation,
): Promise<string | undefined> {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  const mutant = mutate(text, mutation);
  const tests = testsOf(file);
  try {
    for (let at = 0; at < tests.length; at += AT_ONCE) {
      writeFileSync(path, mutant);
      for (const test of await failuresOf(tests.slice(at, at + AT_ONCE))) {
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

/** The test files that load a file, the likeliest to find something first. */
function testsOf(file: string): string[] {
  const room = roomOf(file);
  const rank = (test: string) => {
    if (room !== undefined && test.startsWith(room)) return 0;
    return THOROUGH.test(test) ? 2 : 1;
  };
  const loads = loadersOf(
    tracked.filter((one) => one.endsWith(".ts")).map((one) => ({
      path: one,
      text: readFileSync(join(copy, one), "utf8"),
    })),
    file,
  );
  return [...loads]
    .filter((one) => one.endsWith(".test.ts") && !TOO_SLOW.test(one))
    .sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

/** The folder of tests that is nearest to a file. */
function roomOf(file: string): string | undefined {
  let folder = dirname(file).replace(/^src/, "tests");
  while (folder.startsWith("tests/")) {
    if (tracked.some((one) => one.startsWith(`${folder}/`))) {
      return `${folder}/`;
    }
    folder = dirname(folder);
  }
  return undefined;
}

/** Of these test files those that fail; the first where the run as a whole does, as scripts/test.ts reads src too. */
async function failuresOf(filters: readonly string[]): Promise<string[]> {
  const { code, output } = await run(process.execPath, {
    args: [
      "scripts/test.ts",
      ...filters,
      "--runtime",
      "node24",
      "--jobs",
      values.jobs,
    ],
    cwd: copy,
    env: cleanEnvironment(dirname(process.execPath)),
    deadlineMs: DEADLINE_MS,
  });
  const failed = readFailedFiles(output);
  return code !== 0 && failed.length === 0 ? filters.slice(0, 1) : failed;
}
