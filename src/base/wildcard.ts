/**
 * Patterns with `*` for anything and `?` for one character. They look at each
 * character of a text a bounded number of times, which a regular expression
 * with several `.*` does not, nor what `node:path` makes of a pattern
 * (decisions/011): an agent of 8 KB would hold a worker for seconds.
 */

/** Tells whether a text is as a pattern says. */
export type Wildcard = (text: string) => boolean;

/** Reads a pattern, for whole texts. */
export function readWildcard(pattern: string): Wildcard {
  const pieces = pattern.split("*").map(pieceOf);
  const first = pieces[0] as Piece;
  const last = pieces.at(-1) as Piece;
  if (pieces.length === 1) {
    return (text) => text.length === first.length && first.fits(text, 0);
  }
  const between = pieces.slice(1, -1);
  return (text) => {
    if (text.length < first.length + last.length) return false;
    const end = text.length - last.length;
    if (!first.fits(text, 0) || !last.fits(text, end)) return false;
    // The first place of each piece leaves the most room for the next.
    let at = first.length;
    for (const piece of between) {
      at = piece.find(text, at);
      if (at === -1) return false;
      at += piece.length;
    }
    return at <= end;
  };
}

/** What stands between two `*`. */
interface Piece {
  readonly length: number;
  fits(text: string, at: number): boolean;
  /** The first place from `from` on, or -1. */
  find(text: string, from: number): number;
}

function pieceOf(piece: string): Piece {
  const { length } = piece;
  if (!piece.includes("?")) {
    return {
      length,
      fits: (text, at) => text.startsWith(piece, at),
      find: (text, from) => text.indexOf(piece, from),
    };
  }
  const fits = (text: string, at: number) => {
    for (let index = 0; index < length; index++) {
      const wanted = piece[index];
      if (wanted !== "?" && wanted !== text[at + index]) return false;
    }
    return true;
  };
  return {
    length,
    fits,
    find(text, from) {
      for (let at = from; at + length <= text.length; at++) {
        if (fits(text, at)) return at;
      }
      return -1;
    },
  };
}
