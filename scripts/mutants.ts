/**
 * Makes one-line faults by chance, each in a copy of the project, and says
 * which of them no test finds.
 *
 *     node scripts/mutants.ts [--count 20] [--seed N] [--files src/arbiter] [--jobs N]
 *
 * Tried are the tests of the mirrored room, then `--quick`, then
 * tests/contract, all on Node; what is found by an earlier one is not tried on
 * the later ones. `--files` are parts of paths, with commas between them.
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
import type { Mutation } from "./mutation.ts";
import { cleanEnvironment, killAll, root, run } from "./tools.ts";
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

/** A mutant may run in circles. */
const DEADLINE_MS = 600_000;

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
  if (!(await passes(["--quick"]))) {
    throw new Error("Cannot look for mutants: the tests fail without one");
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
      mutationsOf(readFileSync(join(root, file), "utf8")),
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

/** Which tests find the mutant; undefined where none do. */
async function findBy(
  file: string,
  mutation: Mutation,
): Promise<string | undefined> {
  const text = readFileSync(join(root, file), "utf8");
  writeFileSync(join(copy, file), mutate(text, mutation));
  try {
    const room = roomOf(file);
    if (room !== undefined && !(await passes([room]))) return room;
    if (!(await passes(["--quick"]))) return "the quick tests";
    if (!(await passes(["tests/contract/"]))) return "tests/contract";
    return undefined;
  } finally {
    writeFileSync(join(copy, file), text);
  }
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

async function passes(args: readonly string[]): Promise<boolean> {
  const { code } = await run(process.execPath, {
    args: [
      "scripts/test.ts",
      ...args,
      "--runtime",
      "node24",
      "--jobs",
      values.jobs,
    ],
    cwd: copy,
    env: cleanEnvironment(dirname(process.execPath)),
    deadlineMs: DEADLINE_MS,
  });
  return code === 0;
}
