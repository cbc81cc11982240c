/** Which lines of a file each test file executes, by what V8 counts on Node. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runtimes } from "./runtimes.ts";
import { run } from "./tools.ts";
import { readTotals } from "./totals.ts";

/** A file of which something was executed. */
export interface CoveredFile {
  /** Of its text then, see `hashOf`. */
  readonly hash: string;
  /** The executed lines, as pairs of first and last. */
  readonly lines: readonly number[];
}

/** What one run of a test file showed. */
export interface Covered {
  readonly test: string;
  /** Of the test's text then, see `hashOf`. */
  readonly hash: string;
  readonly seconds: number;
  /** False where it failed: it cannot find anything then. */
  readonly passed: boolean;
  /** By source file. */
  readonly files: Readonly<Record<string, CoveredFile>>;
}

/** What V8 writes of a script. */
interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly {
      readonly startOffset: number;
      readonly endOffset: number;
      readonly count: number;
    }[];
  }[];
}

/** Says which text a file had. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 12);
}

/** The lines, from 1, of which something was executed. */
export function executedLines(
  text: string,
  functions: ScriptCoverage["functions"],
): number[] {
  const executed = new Uint8Array(text.length);
  // Outer ranges come first; what is inside them says more.
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      executed.fill(count > 0 ? 1 : 0, startOffset, endOffset);
    }
  }
  const found: number[] = [];
  let at = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const from = at + line.length - line.trimStart().length;
    if (executed.subarray(from, at + line.trimEnd().length).includes(1)) {
      found.push(index + 1);
    }
    at += line.length + 1;
  }
  return found;
}

/** Lines in order as pairs of first and last. */
export function asRanges(lines: readonly number[]): number[] {
  const ranges: number[] = [];
  for (const line of lines) {
    if (ranges.at(-1) === line - 1) ranges[ranges.length - 1] = line;
    else ranges.push(line, line);
  }
  return ranges;
}

/** How many lines such pairs hold. */
export function countLines(ranges: readonly number[]): number {
  return ranges.reduce(
    (sum, end, index) =>
      index % 2 === 0 ? sum : sum + end - ranges[index - 1]! + 1,
    0,
  );
}

/** True where such pairs hold the line. */
export function holdsLine(ranges: readonly number[], line: number): boolean {
  return ranges.some((from, index) =>
    index % 2 === 0 && from <= line && line <= ranges[index + 1]!
  );
}

/**
 * Runs each test file of a project once, and says which lines of `sources` it
 * executed. What is `known` of a test that has not changed since is not run
 * again; `onCovered` is told of each that is.
 */
export async function coverAll(
  folder: string,
  { tests, sources, jobs, known, onCovered }: {
    readonly tests: readonly string[];
    readonly sources: readonly string[];
    readonly jobs: number;
    readonly known: readonly Covered[];
    onCovered(covered: Covered): void;
  },
): Promise<Covered[]> {
  const texts = new Map(
    sources.map((path) => [path, readFileSync(join(folder, path), "utf8")]),
  );
  const hashes = new Map(
    tests.map((
      test,
    ) => [test, hashOf(readFileSync(join(folder, test), "utf8"))]),
  );
  const found = known.filter(({ test, hash }) => hashes.get(test) === hash);
  const seen = new Set(found.map(({ test }) => test));
  const queue = tests.filter((test) => !seen.has(test));
  const lane = async () => {
    for (let test = queue.shift(); test !== undefined; test = queue.shift()) {
      const hash = hashes.get(test) as string;
      const covered = { hash, ...await cover(folder, { test, texts }) };
      found.push(covered);
      onCovered(covered);
    }
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  return found;
}

/** Runs a test file of a project on Node; it has passed where nothing failed. */
export async function passesAlone(
  folder: string,
  test: string,
  { deadlineMs = 600_000, more = {} }: {
    readonly deadlineMs?: number;
    /** Variables beside its environment. */
    readonly more?: Readonly<Record<string, string>>;
  } = {},
): Promise<boolean> {
  const [{ command: [program], env }] = runtimes as [typeof runtimes[0]];
  const ending = await run(program, {
    args: [test],
    cwd: folder,
    env: { ...env, ...more },
    deadlineMs,
  });
  return readTotals(ending).problem === undefined;
}

/** One run; processes that are killed say nothing of what they did. */
async function cover(folder: string, { test, texts }: {
  readonly test: string;
  readonly texts: ReadonlyMap<string, string>;
}): Promise<Omit<Covered, "hash">> {
  const reports = mkdtempSync(join(tmpdir(), "corn-covers-"));
  try {
    const start = performance.now();
    const passed = await passesAlone(folder, test, {
      more: {
        NODE_V8_COVERAGE: reports,
        // Of functions from a cache V8 knows less.
        NODE_DISABLE_COMPILE_CACHE: "1",
      },
    });
    const seconds = (performance.now() - start) / 1000;
    return {
      test,
      seconds,
      // What looks at variables or at a cache fails by those above.
      passed: passed || await passesAlone(folder, test),
      files: readReports(reports, { folder, texts }),
    };
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

function readReports(reports: string, { folder, texts }: {
  readonly folder: string;
  readonly texts: ReadonlyMap<string, string>;
}): Record<string, CoveredFile> {
  const base = `${pathToFileURL(folder).href}/`;
  const files = new Map<string, { text: string; lines: Set<number> }>();
  for (const report of readdirSync(reports)) {
    for (const { url, functions } of readScripts(join(reports, report))) {
      const path = url.startsWith(base) ? url.slice(base.length) : "";
      const text = texts.get(path);
      if (text === undefined) continue;
      const { lines } = files.get(path) ?? { lines: new Set() };
      for (const line of executedLines(text, functions)) lines.add(line);
      files.set(path, { text, lines });
    }
  }
  return Object.fromEntries(
    [...files].map(([path, { text, lines }]) => [path, {
      hash: hashOf(text),
      lines: asRanges([...lines].sort((one, other) => one - other)),
    }]),
  );
}

/** The scripts of a report; none where the process ended while it wrote. */
function readScripts(path: string): readonly ScriptCoverage[] {
  try {
    return JSON.parse(readFileSync(path, "utf8")).result;
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
