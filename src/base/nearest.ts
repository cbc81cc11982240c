/**
 * The candidate nearest to a misspelt name, or undefined when none is near
 * enough. Case, dashes and underscores do not count, so `graceful_timeout`
 * finds `gracefulTimeout`.
 */
export function nearest(
  name: string,
  candidates: Iterable<string>,
): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  // A third of the letters may be wrong, or every short name is near to every other.
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  for (const candidate of candidates) {
    const found = distance(wanted, plain(candidate));
    if (found > limit || (found === limit && best !== undefined)) continue;
    best = candidate;
    limit = found;
  }
  return best;
}

/** The end of a message that offers the nearest name, empty when there is none. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? "" : `, did you mean ${found}?`;
}

function plain(name: string): string {
  return name.replaceAll(/[-_]/g, "").toLowerCase();
}

/** Edits (insert, delete, replace, swap neighbours) from one text to the other. */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let edits = Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + (same ? 0 : 1),
      );
      if (
        i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      ) {
        edits = Math.min(edits, before[j - 2]! + 1);
      }
      row.push(edits);
    }
    before = last;
    last = row;
  }
  return last[to.length]!;
}
