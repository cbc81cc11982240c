/** What a test file said about itself, read from uvu's output. */

/** The sums of one run of a test file. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  /** Skipped by uvu's `skip`, or announced by a line that starts with `# skip `. */
  readonly skipped: number;
  /** What the announced skips said. */
  readonly skips: readonly string[];
  /** What is wrong with the run as a whole, or undefined. */
  readonly problem?: string;
}

/** How the process of a test file ended. */
export interface Ending {
  readonly output: string;
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly late: boolean;
  readonly leftovers: boolean;
}

/** The failed tests of uvu's output, each with the first line of its reason. */
export function readFailures(output: string): string[] {
  // deno-lint-ignore no-control-regex
  const text = output.replace(/\x1b\[[0-9;]*m/g, "");
  return [...text.matchAll(/^ *FAIL +(\S.*)\n\s*(.*)$/gm)].map(
    ([, name = "", reason = ""]) => `${name.trim()}: ${reason.trim()}`,
  );
}

/** Sums up a run; every problem counts as at least one failure. */
export function readTotals(ending: Ending): Totals {
  // deno-lint-ignore no-control-regex
  const output = ending.output.replace(/\x1b\[[0-9;]*m/g, "");
  // uvu leaves the line that a test prints into open.
  const skips = [...output.matchAll(/(?:^|\s)# skip (.+)$/gm)].map((match) =>
    match[1] ?? ""
  );
  const total = sum(output, "Total");
  const ran = sum(output, "Passed") ?? 0;
  const skippedByUvu = sum(output, "Skipped") ?? 0;
  const skipped = Math.max(skippedByUvu, skips.length);
  // A test that announces its skip and returns is counted by uvu as passed.
  const passed = Math.max(0, ran - (skipped - skippedByUvu));
  const counted = (total ?? 0) - ran;
  const problem = findProblem(ending, { total, counted, skips });
  const failed = problem === undefined ? 0 : Math.max(1, counted);
  return problem === undefined
    ? { passed, failed, skipped, skips }
    : { passed, failed, skipped, skips, problem };
}

function findProblem(
  ending: Ending,
  found: {
    total: number | undefined;
    counted: number;
    skips: readonly string[];
  },
): string | undefined {
  if (ending.late) return "killed at its deadline";
  if (found.counted > 0) return `${found.counted} failed`;
  if (ending.signal !== undefined) return `killed by ${ending.signal}`;
  if (ending.code !== 0) return `exit code ${ending.code ?? "none"}`;
  if (found.total === undefined) return "printed no totals: is .run() missing?";
  if (found.total === 0 && found.skips.length === 0) return "ran no test";
  if (ending.leftovers) return "left processes behind";
  return undefined;
}

/** The sum of uvu's `Name: N` lines, or undefined where there is none. */
function sum(output: string, name: string): number | undefined {
  const lines = [
    ...output.matchAll(new RegExp(`^\\s*${name}:\\s+(\\d+)\\s*$`, "gm")),
  ];
  if (lines.length === 0) return undefined;
  return lines.reduce((all, match) => all + Number(match[1]), 0);
}
