/** Which test files may find a fault in a line, the likeliest first. */
import { posix } from "node:path";
import { countLines, holdsLine } from "./covers.ts";
import type { Covered } from "./covers.ts";

/** A line of a file that has a fault. */
export interface Place {
  readonly file: string;
  readonly line: number;
  /** Of the file without the fault, see `hashOf`. */
  readonly hash: string;
}

/** Tests of which `covered` says nothing, as they are newer, or nothing of the file, which is. */
interface Newer {
  /** True for a test that loads the file. */
  loads(test: string): boolean;
  /** All there are. */
  readonly tests: readonly string[];
}

/** Whole processes: they take long, and execute most lines. */
export const WHOLE = /^tests\/(?:e2e|attack)\//;
export const CONTRACT = /^tests\/contract\//;

/**
 * Those of the mirrored room, then other units, contracts and whole processes;
 * among each the ones that execute most of the file, `whole` of the last.
 */
export function likelyTests(
  covered: readonly Covered[],
  { file, line, hash }: Place,
  { newer, whole }: { readonly newer: Newer; readonly whole: number },
): string[] {
  const executes = ({ files: { [file]: seen } }: Covered) =>
    seen !== undefined && seen.lines.length > 0 &&
    // Lines of a text that was changed stand somewhere else.
    (seen.hash !== hash || holdsLine(seen.lines, line));
  const known = new Map(covered.map((one) => [one.test, one]));
  const weight = (test: string) =>
    countLines(known.get(test)?.files[file]?.lines ?? []);
  const room = roomOf(file, newer.tests);
  const rank = (test: string) => {
    if (room !== undefined && test.startsWith(room)) return 0;
    return CONTRACT.test(test) ? 2 : WHOLE.test(test) ? 3 : 1;
  };
  const all = newer.tests
    .filter((test) => {
      const one = known.get(test);
      if (one === undefined) return newer.loads(test);
      if (!one.passed) return false;
      // What a test loads it executes in part: what is known of it is of
      // before the file was there, or stood here.
      return one.files[file] === undefined ? newer.loads(test) : executes(one);
    })
    .sort((one, other) =>
      rank(one) - rank(other) || weight(other) - weight(one) ||
      (one < other ? -1 : 1)
    );
  const parts = all.filter((test) => !WHOLE.test(test));
  return [...parts, ...all.slice(parts.length).slice(0, whole)];
}

/** The folder of tests that is nearest to a file. */
function roomOf(file: string, tests: readonly string[]): string | undefined {
  let folder = posix.dirname(file).replace(/^src/, "tests");
  while (folder.startsWith("tests/")) {
    const inside = `${folder}/`;
    if (tests.some((one) => one.startsWith(inside))) return inside;
    folder = posix.dirname(folder);
  }
  return undefined;
}
