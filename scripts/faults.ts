/** Whether each fault of a runtime that the code works around stands in docs/runtimes.md, and the other way round. */

/** A file, its path relative to the repository. */
export interface Text {
  readonly path: string;
  readonly text: string;
}

const ID = /\b(?:ALL|NODE|BUN|DENO)(?:-[A-Z0-9]+)+\b/g;

/** A runtime, and a version: of `Node 24`, `Bun 1.4.5` or, beside its name, `(1.4.5)`. */
const RUNTIME = /\b(?:Node|Bun|Deno|libuv|undici)\b/;
const VERSION =
  /\b(?:Node|undici) \d\d\b|(?<![\w./]|section |§)\d{1,2}\.\d+(?:\.\d+)?\b/;

/** The faults of a page: rows of tables, and items of lists, that begin with an id. */
export function faultsOf(page: string): Fault[] {
  return page.split("\n").flatMap((line, index) => {
    const id = /^(?:\| |- )([A-Z]+(?:-[A-Z0-9]+)+)(?: \||:)/.exec(line)?.[1];
    if (id === undefined) return [];
    return [{ id, line: index + 1, bare: /\| nothing[^|]*\|$/.test(line) }];
  });
}

interface Fault {
  readonly id: string;
  readonly line: number;
  /** True where corn does nothing about it, so that no code can name it. */
  readonly bare: boolean;
}

/** Judges a page of faults, the files that work around them, and other pages that name them. */
export function judgeFaults(
  page: Text,
  files: readonly Text[],
  pages: readonly Text[] = [],
): string[] {
  const faults = faultsOf(page.text);
  const known = new Set(faults.map(({ id }) => id));
  const named = new Set<string>();
  const problems: string[] = [];
  for (const { path, text } of files) {
    for (const comment of commentsOf(text)) {
      const ids = comment.text.match(ID) ?? [];
      for (const id of ids) {
        named.add(id);
        if (!known.has(id)) {
          problems.push(
            `${path}:${comment.line}: ${id} is not in ${page.path}`,
          );
        }
      }
      if (
        ids.length === 0 && RUNTIME.test(comment.text) &&
        VERSION.test(comment.text)
      ) {
        problems.push(
          `${path}:${comment.line}: a runtime's version without the id of a fault in ${page.path}`,
        );
      }
    }
  }
  for (const { path, text } of pages) {
    for (const [id] of text.matchAll(ID)) {
      if (!known.has(id)) {
        problems.push(`${path}: ${id} is not in ${page.path}`);
      }
    }
  }
  const seen = new Set<string>();
  for (const { id, line, bare } of faults) {
    if (seen.has(id)) {
      problems.push(`${page.path}:${line}: ${id} is there twice`);
    } else if (!bare && !named.has(id)) {
      problems.push(`${page.path}:${line}: ${id} is beside no code`);
    }
    seen.add(id);
  }
  return problems;
}

/** The comments of a file: a block, or lines of `//` that follow one another. */
function commentsOf(text: string): { line: number; text: string }[] {
  return [
    ...text.matchAll(/^[ \t]*\/\*\*?[^]*?\*\/|(?:^[ \t]*\/\/.*\n?)+/gm),
  ].map((match) => ({
    line: text.slice(0, match.index).split("\n").length,
    text: match[0],
  }));
}
