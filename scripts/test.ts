/**
 * Runs every test file on each runtime: as a process of its own, or, where its
 * tests need no other process, in one with others of its folder.
 *
 *     node scripts/test.ts [filter…] [--runtime node24,bun] [--jobs N] [--list] [--checks] [--quick] [--all]
 *
 * A first line `// runtimes: node24, bun` says where a file can run; without, it
 * is everywhere, and for tests/e2e and tests/attack everywhere but on Node 26.
 * Of those, most run on one runtime each, in turn, as do decisions that have
 * nothing of a runtime in them, and of the others a third on Node 26, unless a
 * filter, `--runtime` or `--all` asks for more. A run of all
 * files builds `dist/` first and starts corn from there; with a filter it is
 * started from its source. The last line is `N passed, N failed`.
 */
import { globSync, readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { isBuilt } from "./built.ts";
import { checkAll } from "./check.ts";
import { groupsOf, RUNS_TESTS, THOROUGH } from "./groups.ts";
import { chosenFrom, possibleOn } from "./placement.ts";
import { prove, runtimes, type TestRuntime } from "./runtimes.ts";
import { BUILT_VARIABLE, killAll, root, run } from "./tools.ts";
import { readFailures, readTotals } from "./totals.ts";

/** One process of tests on one runtime. */
interface Job {
  /** More than one where they share the process. */
  readonly files: readonly string[];
  readonly runtime: TestRuntime;
  readonly deadlineMs: number;
}

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: "string" },
    // So many at once; without, some more than there are processors: many of them wait.
    jobs: { type: "string" },
    list: { type: "boolean", default: false },
    checks: { type: "boolean", default: false },
    // What needs no other process, on one runtime: for before each commit.
    quick: { type: "boolean", default: false },
    // Every file on every runtime: an hour on a small machine.
    all: { type: "boolean", default: false },
  },
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    killAll();
    process.exit(1);
  });
}

/** One at a time, beside others: they build the package in one place. */
const ALONE = /^tests\/package\//;
const SLOW = /^tests\/(e2e|attack|package)\//;
const sums = { passed: 0, failed: 0, skipped: 0 };
/** Seconds by file, to see where a run's time goes. */
const times: { readonly name: string; readonly seconds: number }[] = [];
/** Jobs beside the usual ones while so much of the processors' time is left. */
const IDLE_SHARE = 0.3;
const MORE = 4;
const LOOK_MS = 1000;
/** The processors' times at the last look, in milliseconds. */
let looked = { idle: 0, all: 0 };
/** Runs of so many files say which were the slowest. */
const MANY = 100;
/** What failed, said again at the end: the output between is long. */
const failures: string[] = [];

const wanted = chooseRuntimes(
  values.runtime ?? (values.quick ? "node24" : undefined),
);
const jobs = findJobs();
if (values.list) {
  for (const { files, runtime } of jobs) {
    for (const file of files) console.log(`${runtime.name} ${file}`);
  }
} else {
  if (filters.length === 0 && !values.quick) await build();
  if (values.checks) await runChecks();
  const proven = await proveAll(
    wanted.filter((runtime) => jobs.some((job) => job.runtime === runtime)),
  );
  const ready = jobs.filter((job) => proven.has(job.runtime));
  if (jobs.length === 0) fail("no test file matches");
  await (values.jobs === undefined
    ? runJobs(ready, availableParallelism() + 2, MORE)
    : runJobs(ready, readCount(values.jobs)));
  process.exitCode = sums.failed === 0 ? 0 : 1;
  if (times.length >= MANY) tellSlowest();
  if (failures.length > 0) console.log(`\n${failures.join("\n")}`);
  const skipped = sums.skipped === 0 ? "" : `, ${sums.skipped} skipped`;
  console.log(`\n${sums.passed} passed, ${sums.failed} failed${skipped}`);
}

function chooseRuntimes(list: string | undefined): readonly TestRuntime[] {
  if (list === undefined) return runtimes;
  return list.split(",").map((name) => {
    const runtime = runtimes.find((one) => one.name === name);
    if (runtime === undefined) {
      throw new Error(
        `Cannot test on "${name}": choose from ${
          runtimes.map((one) => one.name).join(", ")
        }`,
      );
    }
    return runtime;
  });
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot run "${text}" jobs: give a number from 1`);
  }
  return count;
}

function findJobs(): Job[] {
  const files = globSync("tests/**/*.test.ts", { cwd: root }).sort()
    .filter((file) =>
      !values.quick || !(THOROUGH.test(file) || RUNS_TESTS.test(file))
    )
    .filter((file) =>
      filters.length === 0 || filters.some((filter) => file.includes(filter))
    );
  const found: Job[] = [];
  for (const runtime of wanted) {
    const own = files.filter((file) => allowedOn(file).includes(runtime.name));
    for (const group of groupsOf(own)) {
      const [file = ""] = group;
      const slow = SLOW.test(file) || (group.length > 1 && THOROUGH.test(file));
      const deadlineMs = slow ? 900_000 : 300_000;
      found.push({ files: group, runtime, deadlineMs });
    }
  }
  return found;
}

/** The names of the runtimes that a file runs on. */
function allowedOn(file: string): readonly string[] {
  const text = readFileSync(`${root}/${file}`, "utf8");
  const names = runtimes.map(({ name }) => name);
  const asked = values.runtime !== undefined;
  const possible = possibleOn({ file, text, runtimes: names, asked });
  const all = asked || values.all || filters.length > 0;
  return all ? possible : chosenFrom(possible, file);
}

async function build(): Promise<void> {
  // `npm ci` leaves it built.
  if (!isBuilt()) {
    const { code, output } = await run(process.execPath, {
      args: ["scripts/build.ts"],
      deadlineMs: 120_000,
    });
    if (code !== 0) return fail(`build\n${output.trimEnd()}`);
  }
  process.env[BUILT_VARIABLE] = "1";
}

async function runChecks(): Promise<void> {
  const { passed, failed } = await checkAll();
  sums.passed += passed;
  sums.failed += failed;
}

async function proveAll(
  asked: readonly TestRuntime[],
): Promise<Set<TestRuntime>> {
  const proven = new Set<TestRuntime>();
  for (const runtime of asked) {
    try {
      console.log(`${runtime.name} is ${await prove(runtime)}`);
      proven.add(runtime);
    } catch (error) {
      fail(String(error));
    }
  }
  return proven;
}

function tellSlowest(): void {
  const slowest = times.toSorted((one, other) => other.seconds - one.seconds)
    .slice(0, 10);
  console.log("\nThe slowest files:");
  for (const { name, seconds } of slowest) {
    console.log(`${seconds.toFixed(1).padStart(6)} s ${name}`);
  }
}

function fail(reason: string): void {
  sums.failed++;
  failures.push(`FAILED ${reason}`);
  console.log(`FAILED ${reason}`);
}

/** Runs `count` at a time, and up to `most` beside them while the processors are idle. */
async function runJobs(
  list: readonly Job[],
  count: number,
  most = 0,
): Promise<void> {
  const isAlone = ({ files: [file = ""] }: Job) => ALONE.test(file);
  const queue = list.filter((job) => !isAlone(job));
  const alone = list.filter(isAlone);
  const lane = async (first: Job[]) => {
    const next = () => first.shift() ?? queue.shift();
    for (let job = next(); job !== undefined; job = next()) await runJob(job);
  };
  const more = new Set<Promise<void>>();
  const looking = setInterval(() => {
    const job = isIdle() && more.size < most ? queue.shift() : undefined;
    if (job === undefined) return;
    const run = runJob(job).finally(() => more.delete(run));
    more.add(run);
  }, LOOK_MS);
  await Promise.all(
    Array.from({ length: count }, (_, index) => lane(index === 0 ? alone : [])),
  );
  clearInterval(looking);
  await Promise.all(more);
}

/** True where the processors had little to do since the last look: many tests wait. */
function isIdle(): boolean {
  const now = { idle: 0, all: 0 };
  for (const { times } of cpus()) {
    now.idle += times.idle;
    for (const ms of Object.values(times)) now.all += ms;
  }
  const share = (now.idle - looked.idle) / (now.all - looked.all);
  looked = now;
  return share > IDLE_SHARE;
}

async function runJob({ files, runtime, deadlineMs }: Job): Promise<void> {
  const [program, ...before] = runtime.command;
  const start = performance.now();
  const [file = ""] = files;
  const together = files.length > 1;
  const ending = await run(program, {
    args: [...before, ...(together ? ["scripts/several.ts"] : []), ...files],
    env: { ...runtime.env, [BUILT_VARIABLE]: process.env[BUILT_VARIABLE] },
    deadlineMs,
  });
  const took = (performance.now() - start) / 1000;
  const seconds = took.toFixed(1);
  const totals = readTotals(ending);
  if (together && totals.problem !== undefined) {
    // Each says for itself what is wrong.
    const before = sums.failed;
    console.log(
      `${runtime.name} ${file} and others, ${totals.problem}: one by one`,
    );
    for (const one of files) {
      await runJob({ files: [one], runtime, deadlineMs });
    }
    if (sums.failed > before) return;
    const what = `${runtime.name} ${files.join(" ")} ${totals.problem}`;
    const reasons = readFailures(ending.output).map((one) => `\n   ${one}`);
    fail(`${what}, and alone they do not${reasons.join("")}`);
    console.log(ending.output.trimEnd());
    return;
  }
  sums.passed += totals.passed;
  sums.failed += totals.failed;
  sums.skipped += totals.skipped;

  const more = together ? ` and ${files.length - 1} more` : "";
  const name = `${runtime.name} ${file}${more}`;
  times.push({ name, seconds: took });
  if (totals.problem === undefined) {
    console.log(`ok ${name} ${totals.passed} tests ${seconds} s`);
  } else {
    const failure = `FAILED ${name} ${totals.problem} ${seconds} s`;
    failures.push(
      failure,
      ...readFailures(ending.output).map((one) => `   ${one}`),
    );
    console.log(`${failure}\n${ending.output.trimEnd()}\n`);
  }
  for (const skip of totals.skips) console.log(`   skipped: ${skip}`);
  const nameless = totals.skipped - totals.skips.length;
  if (nameless > 0) {
    console.log(`   skipped: ${nameless} of ${file}, without a reason`);
  }
}
