/** What the files of the bundle are called: by what is in them, so that a stack says where it was. */
import { posix } from "node:path";

/** What esbuild says of a file that it made. */
export interface Output {
  readonly bytes: number;
  readonly entryPoint?: string;
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
}

/** Of esbuild's own making: `chunk-3C33L2FU.js`, `main-ERBU6GIS.js`. */
const HASHED = /[\w-]+-[0-9A-Z]{8}(?=\.js\b)/g;

/**
 * A name for each file that has a hash for one, by the name that it has: that
 * of the module that it begins with or consists of, else that of the room which
 * most of it comes from.
 */
export function nameChunks(
  outputs: Readonly<Record<string, Output>>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const files = Object.entries(outputs).map(([path, output]) => ({
    name: posix.basename(path).replace(/\.js$/, ""),
    output,
  }));
  const isHashed = (name: string) => `${name}.js`.replace(HASHED, "") === ".js";
  const taken = new Set(
    files.map(({ name }) => name).filter((name) => !isHashed(name)),
  );
  const hashed = files
    .filter(({ name }) => isHashed(name))
    // The same code gets the same names.
    .sort((one, other) =>
      other.output.bytes - one.output.bytes ||
      (one.name < other.name ? -1 : 1)
    );
  for (const { name, output } of hashed) {
    const wanted = subjectOf(output);
    let given = wanted;
    for (let count = 2; taken.has(given); count++) given = `${wanted}-${count}`;
    taken.add(given);
    names.set(name, given);
  }
  return names;
}

/** Puts the names in the place of esbuild's. */
export function rename(
  text: string,
  names: ReadonlyMap<string, string>,
): string {
  return text.replace(HASHED, (hashed) => names.get(hashed) ?? hashed);
}

function subjectOf({ entryPoint, inputs }: Output): string {
  const paths = Object.keys(inputs);
  const path = entryPoint ?? (paths.length === 1 ? paths[0] : undefined);
  if (path !== undefined) return wordsOf(path.replace(/\.ts$/, ""));
  // The room that has more than half of it, else the largest group of rooms.
  const total = sum(Object.values(inputs).map((input) => input.bytesInOutput));
  const [room, bytes] = largest(inputs, posix.dirname);
  if (bytes > total / 2) return wordsOf(room);
  return wordsOf(largest(inputs, (path) => /^[^/]+\/[^/]+/.exec(path)![0])[0]);
}

/** The group of files with the most bytes, and how many. */
function largest(
  inputs: Output["inputs"],
  groupOf: (path: string) => string,
): readonly [string, number] {
  const groups = Object.groupBy(
    Object.entries(inputs),
    ([path]) => groupOf(path),
  );
  const sizes = Object.entries(groups).map(([name, files = []]) =>
    [name, sum(files.map(([, { bytesInOutput }]) => bytesInOutput))] as const
  );
  return sizes.toSorted(([, one], [, other]) => other - one)[0] ??
    ["src/shared", 0];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** `src/cli/main` → `cli-main`, `adapters/libc` → `adapters-libc`. */
function wordsOf(path: string): string {
  return path.replace(/^src\//, "").replaceAll("/", "-");
}
