/** Which runtimes a test file runs on. */

/** Processes, sockets and signals: suites that take long. */
const E2E = /^tests\/(e2e|attack)\//;
/** Those of them that look at what the adapters do, and what a worker serves. */
const EVERYWHERE = /^tests\/e2e\/(bind|serve|stop|sync|websocket)\.test/;
/**
 * Decisions alone, on a fake runtime whose clock is moved by hand: of the
 * runtime that runs them they have the language and nothing else. An address
 * that is read is read by a runtime's own URL.
 */
const PURE = /^tests\/(arbiter\/(?!sockets\/)|plan\/|protocol\/)/;
/** What looks at the project itself. */
export const ONCE = /^tests\/(scripts|package)\//;
/** What differs most between two versions of Node: processes, descriptors and sockets. */
const CLOSE_TO_NODE =
  /^tests\/(adapters|contract\/(channel|engine-wire|exchange-wire|lend|listen|sockets|spawn|tls))[/.]/;

/** A test file and the runtimes there are. */
export interface Candidate {
  /** Its path from the root. */
  readonly file: string;
  /** Its first line may name runtimes: `// runtimes: node24, bun`. */
  readonly text: string;
  readonly runtimes: readonly string[];
  /** True where the runtimes were asked for by name: Node 26 has end-to-end suites then, too. */
  readonly asked: boolean;
}

/**
 * The runtimes that it can run on; those of its first line, or all, and for
 * end-to-end suites all but Node 26.
 *
 * @throws RangeError when the line names none or another
 */
export function possibleOn(candidate: Candidate): string[] {
  const { file, text, runtimes, asked } = candidate;
  const line = /^\/\/ runtimes:(.*)/.exec(text)?.[1];
  if (line === undefined) {
    if (ONCE.test(file)) return ["node24"];
    const all = asked || !E2E.test(file);
    return runtimes.filter((name) => all || name !== "node26");
  }
  const named = line.split(",").map((name) => name.trim());
  const unknown = named.find((name) => !runtimes.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot test ${file} on "${unknown}": its first line may name ${
        runtimes.join(", ")
      }`,
    );
  }
  return named;
}

/** Those of them that a whole run takes: one for most end-to-end suites and for pure decisions, and Node 26 for some of the others. */
export function chosenFrom(
  possible: readonly string[],
  file: string,
): readonly string[] {
  if (E2E.test(file) || PURE.test(file)) {
    if (EVERYWHERE.test(file) || possible.length === 0) return possible;
    return [possible[turnOf(file) % possible.length] as string];
  }
  // Node 24 has the same adapter.
  const twice = possible.includes("node24") && !CLOSE_TO_NODE.test(file) &&
    turnOf(file) % 3 !== 0;
  return twice ? possible.filter((name) => name !== "node26") : possible;
}

/** A number by a file's name, so that no other file's coming or going changes its turn. */
function turnOf(file: string): number {
  let turn = 0;
  for (const letter of file) turn += letter.charCodeAt(0);
  return turn;
}
